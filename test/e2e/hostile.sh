#!/usr/bin/env bash
# hostile.sh: input of people who mean harm, over the network, to a real node and a real agent's gateway: an error in words or a bounded
# refusal, no change of state, an answer at once to everybody else, and memory that stays within a bound.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
export PYTHONDONTWRITEBYTECODE=1
most_mib=${MOST_MIB:-200}

network_files 'price.cpu_core_hour = "3.6"'
must "a node runs" start_node
chain=$(jq -r .chain_id "$work/genesis.json")
part() { timeout 110 python3 "$here/hostile/$1.py" "${@:2}" || failures=$((failures + 1)); }
peak() { awk '/VmHWM/ {print int($2 / 1024)}' "/proc/${pids[$1]}/status"; }
within_memory() {
    local mib
    mib=$(peak "$1")
    if [ "$mib" -le "$most_mib" ]; then ok "$2 took $mib MiB at most (bound $most_mib)"; else bad "$2 stays within $most_mib MiB" "$mib MiB"; fi
}

app_hash() { curl -fsS --max-time 5 "$SUBLET_NODE/status" | jq -r .result.sync_info.latest_app_hash; }

# Before anybody has a reason to send a transaction: the application's hash must not move.
part ledger "$node_port" "$chain"
hash=$(app_hash)
part edges "the node" "$node_port" /health
part idle "the node" "$node_port" /health
part files "$sublet" "$work"
equal "the application's hash is the same after all that reached the node" "$hash" "$(app_hash)"
must "a provider runs" start_lend
within 30 eval 'curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | grep -q gateway_uri'
gateway_port=$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | grep -oE 'https://[^"]*:[0-9]+' | head -n 1 | grep -oE '[0-9]+$')
tenant=$(balance tenant)

part edges "the gateway" "$gateway_port" /v1/status tls
part idle "the gateway" "$gateway_port" /v1/status tls

check "node and agent are alive" eval 'alive node && alive lend'
equal "the tenant's balance is the same" "$tenant" "$(balance tenant)"
within_memory node "the node"
within_memory lend "the agent"
check "the agent stops" stop lend
check "the node stops" stop node
