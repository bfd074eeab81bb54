#!/usr/bin/env bash
# gateway.sh: tricks at a real provider's gateway with a lease that runs: tokens for something else, manifests that are others, used
# tokens, floods of WebSockets: each is refused in words, nothing changes, others are served, and memory stays within a bound.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
export PYTHONDONTWRITEBYTECODE=1
most_mib=${MOST_MIB:-200}
"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"

network_files 'price.cpu_core_hour = "3.6"' 'price.notice_s = 0'
must "a node and a provider run" eval 'start_node && start_lend'
secret=$(printf 'the key of a tenant in a test' | sha256sum | cut -c 1-64)
must "a tenant has a key that the test knows" eval '"$sublet" wallet import known --secret --file - <<<"$secret"'
must "and credits" "$sublet" --key tenant wallet send "$("$sublet" --json wallet balance known | jq -r .address)" 5
rented() {
    timeout 60 "$sublet" --json --key "$1" rent --timeout 50 --deposit 0.5 "$here/files/counted.yaml" >"$work/rent.out" 2>"$work/rent.err" || { tail -qn 2 "$work/rent.err"; return 1; }
    lease=$(lease_of "$(cat "$work/rent.out")")
}
must "another tenant's lease runs" rented tenant
other=$lease
must "its lease runs" rented known
record() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/leases/$lease" | jq -cS '{state, reason, closed_at, closed_by, offer, provider, ready_at, rate}'; }
spent() { fees_of known; }
before="$(containers "$lease") $(containers "$other") $(record) $(spent)"
chain=$(jq -r .chain_id "$work/genesis.json")
saved=$work/home/deployments/$chain-$(field "$lease" .lease.deployment).json
provider=$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | jq -c '.providers[0]')

timeout 60 python3 "$here/hostile/lease.py" "$secret" "$lease" "$other" "$provider" "$chain" "$saved" || failures=$((failures + 1))
timeout 100 python3 "$here/hostile/streams.py" "$secret" "$lease" "$provider" "$chain" || failures=$((failures + 1))
others_logs() { timeout 10 "$sublet" --key tenant lease logs "$other"; }
check "another tenant reads the logs of its lease" others_logs

equal "containers, leases and fees are the same" "$before" "$(containers "$lease") $(containers "$other") $(record) $(spent)"
mib=$(awk '/VmHWM/ {print int($2 / 1024)}' "/proc/${pids[lend]}/status")
if [ "$mib" -le "$most_mib" ]; then ok "the agent took $mib MiB at most (bound $most_mib)"; else bad "the agent stays within $most_mib MiB" "$mib MiB"; fi
for each in "$lease" "$other"; do check "lease $each closes" "$sublet" --key "$([ "$each" = "$other" ] && echo tenant || echo known)" lease close "$each"; done
check "the agent stops" stop lend
check "the node stops" stop node
