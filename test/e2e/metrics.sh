#!/usr/bin/env bash
# metrics.sh: what machines read of a node: its metrics, which Prometheus' own tool finds nothing wrong with, its health, its log.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
command -v promtool >/dev/null || skip "there is no promtool here (apt-get install prometheus)"

network_files
start node "$sublet" --json node --data "$work/node" --genesis "$work/genesis.json" --port 0 --log-format json
must "a node runs" said node '"node"'
SUBLET_NODE=$(jq -r .node "$work/node.out")
export SUBLET_NODE
get() { curl -fsS --max-time 5 "$SUBLET_NODE$1"; }
status_of() { curl -s --max-time 5 -o /dev/null -w '%{http_code}' "$SUBLET_NODE$1"; }

check "a transaction" "$sublet" wallet send "$("$sublet" --json wallet balance lender | jq -r .address)" 1
get /v1/status >/dev/null
equal "a path that is not there" 404 "$(status_of /v1/nowhere/at/all)"
get /metrics >"$work/metrics"
lint() { local words; words=$(promtool check metrics <"$work/metrics" 2>&1) && [ -z "$words" ] || { echo "$words"; return 1; }; }
check "promtool finds nothing wrong with the metrics" lint
sed 's/^sublet_blocks_total/sublet_blocks/; s/TYPE sublet_blocks_total/TYPE sublet_blocks/' "$work/metrics" >"$work/bad"
promtool check metrics <"$work/bad" >/dev/null 2>&1 && bad "promtool finds what is wrong"

series() { grep -qF "$1" "$work/metrics" || { echo "no $1"; return 1; }; }
for each in 'sublet_build_info{version="' 'sublet_block_duration_seconds_bucket{le="+Inf"}' 'sublet_commit_duration_seconds_sum' \
    'sublet_check_duration_seconds_count 1' 'sublet_transactions_total{code="Ok"} 1' \
    'sublet_http_request_duration_seconds_count{route="/v1/status",method="GET",status="200"}' \
    'sublet_http_request_duration_seconds_count{route="none",method="GET",status="404"} 1'; do
    check "there is ${each%% *}" series "$each"
done
# Each bucket holds those below it: cumulative, and the last one is the count.
check "the buckets add up" awk '
    /^sublet_block_duration_seconds_bucket/ { if ($2 + 0 < last) exit 1; last = $2 + 0 }
    /^sublet_block_duration_seconds_count/ { exit $2 + 0 != last }' "$work/metrics"

equal "alive" 200 "$(status_of /health)"
equal "ready" '[true,"working"]' "$(get /ready | jq -c '[.ready, .state]')"
contains "a browser gets the page" "<!doctype html>" "$(curl -fsS -H 'Accept: text/html' "$SUBLET_NODE/")"
check "and it needs no script" bash -c "! curl -fsS $SUBLET_NODE/docs | grep -qi '<script'"

stop node
check "every line of the log is an object with time, level, component, message and fields" jq -es '
    length > 0 and all(.[]; (.time | fromdateiso8601? // (sub("\\.[0-9]+Z$"; "Z") | fromdateiso8601)) > 0
        and (.level | IN("trace", "debug", "info", "warning", "error", "critical"))
        and (.component | type == "string") and (.message | type == "string") and (.fields | type == "object"))' "$work/node.err"
equal "it says where it listens" "$SUBLET_NODE" "$(jq -rs '[.[] | select(.component == "node")][0].fields.url' "$work/node.err")"
"$sublet" node --data "$work/none" --log-format xml >"$work/xml" 2>&1
equal "another format is refused" 2 $?
"$sublet" node --data "$work/none" --log-format json 2>"$work/failed.err"
check "an error is a line of the log too" jq -es 'length == 1 and .[0].level == "error"' "$work/failed.err"
