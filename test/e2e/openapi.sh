#!/usr/bin/env bash
# openapi.sh: the document of the REST API holds: a validator reads it, and schemathesis, which nobody here wrote, asks a real node
# what the document allows and what it forbids: no server error, no answer that it does not name.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/peers.sh
. "$here/lib/peers.sh"
peers_ready

network_files 'price.cpu_core_hour = "3.6"'
must "a node runs" start_node

# Records of each kind: accounts, transactions, a provider with an offer, a deployment with a lease, a job.
must "a provider offers its machine" start_lend
"$sublet" wallet send "$("$sublet" --json wallet balance lender | jq -r .address)" 1 >"$work/send.out" 2>&1
timeout 20 "$sublet" --json rent --timeout 2 "$here/files/web.yaml" >"$work/rent.out" 2>"$work/rent.err"
timeout 20 "$sublet" batch --yes --detach --image sublet/web:1 --pay 0.001 --array 1-3 --out "$work/job" -- true >"$work/batch.out" 2>"$work/batch.err"
get() { curl -fsS --max-time 5 "$SUBLET_NODE$1"; }
for table in providers offers deployments leases jobs; do
    check "there is one of the $table" jq -e ".$table | length > 0" <(get "/v1/$table")
done
stop lend

check "a validator finds nothing wrong with the document" "$peers_python" -c '
import json, sys
from openapi_spec_validator import OpenAPIV31SpecValidator
document = json.load(open(sys.argv[1]))
assert document["openapi"].startswith("3.1"), document["openapi"]
OpenAPIV31SpecValidator(document).validate()' <(get /openapi.json)
check "the committed document is what the node serves" diff <(get /openapi.json | jq -S .) <(jq -S . "$root/docs/openapi.json")

hashes=$(curl -fsSG --max-time 5 "$SUBLET_NODE/v1/txs" --data-urlencode 'query=tx.height>0' | jq -c '[.transactions[].hash]')
addresses=$(jq -c '[.balances[].address]' "$work/genesis.json")
transfers=$(curl -fsSG --max-time 5 "$SUBLET_NODE/v1/txs" --data-urlencode "query=message.action='/cosmos.bank.v1beta1.MsgSend'" |
    jq -c '[.transactions[].raw]')
export OPENAPI_KNOWN="{\"addresses\":$addresses,\"hashes\":$hashes,\"transfers\":$transfers}"
cp "$here"/openapi/* "$work"
run_schemathesis() {
    (cd "$work" && PYTHONPATH=$work timeout 120 "$peers_python" -m schemathesis.cli --config-file schemathesis.toml run "$SUBLET_NODE/openapi.json" \
        --seed 4 --max-examples "${OPENAPI_EXAMPLES:-15}" --phases examples,coverage,fuzzing --generation-database none \
        --continue-on-failure --no-shrink --no-color --warnings off >"$work/schemathesis.out" 2>&1)
}
started=$SECONDS
if run_schemathesis; then
    ok "schemathesis: $(grep -oE '[0-9]+ generated.*' "$work/schemathesis.out" | head -n 1) in $((SECONDS - started)) s"
else
    bad "schemathesis" "$(grep -E '^(- |_____|\[|.*❌)' "$work/schemathesis.out" | head -n 12)"
    [ -z "${OPENAPI_SHOW:-}" ] || cat "$work/schemathesis.out"
fi
check "the node still works" get /health
