#!/usr/bin/env bash
# node_crashes.sh: the node is killed at each of its named points under a stream of transactions: it is back at exactly the height
# that the point promises, with the hashes that were seen before, and what it acknowledged is there, once.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

network_files
to=$("$sublet" --json wallet new taker 2>/dev/null | jq -r .address)
status() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/status"; }
tip() { status | jq -r '.height + " " + (.app_hash | ascii_upcase)'; }
# What the chain says of a height's state afterwards: the header of the next block has it.
hash_after() { curl -fsS --max-time 5 "$SUBLET_NODE/block?height=$(($1 + 1))" | jq -r '.result.block.header.app_hash'; }
send() { "$sublet" --json --key "$1" wallet send "$to" 1; }
# stream KEY: sends until the node is gone; what was answered with success is in $work/KEY.acked.
stream() {
    while send "$1" >"$work/$1.sent" 2>"$work/$1.refused"; do jq -r .tx "$work/$1.sent" >>"$work/$1.acked"; done
}
# Heights and hashes as a reader sees them while the node lives.
watch_tips() {
    while tip 2>/dev/null; do sleep 0.02; done >>"$work/seen"
}
crash_at() {
    export SUBLET_CRASH_AT=$1
    start node "$sublet" --json node --data "$work/node" --genesis "$work/genesis.json" --port "${node_port:-0}" --check-invariants
    unset SUBLET_CRASH_AT
}
killed() {
    local code=0
    within 30 gone "${pids[node]}" || return 1
    wait "${pids[node]}" || code=$?
    unset "pids[node]"
    [ $code = 137 ] || { echo "it ended with $code: $(tail -n 1 "$work/node.err")"; return 1; }
}
sequence() { curl -fsS --max-time 5 "$SUBLET_NODE/cosmos/auth/v1beta1/accounts/$1" | jq -r '.account.sequence'; }
sent_by() { curl -fsSG --max-time 5 "$SUBLET_NODE/tx_search" --data-urlencode "query=\"tx.fee_payer='$1'\"" -d per_page=100 | jq -r '.result.total_count'; }
all_acked() {
    local hash
    for hash in $(cat "$work"/*.acked); do
        [ "$("$sublet" --json tx show "$hash" | jq -r .code)" = 0 ] || { echo "$hash was acknowledged and is not there"; return 1; }
    done
}
all_seen() {
    local height hash
    while read -r height hash; do
        [ "$hash" = "$(hash_after "$height")" ] || { echo "height $height was seen with $hash, now $(hash_after "$height")"; return 1; }
    done < <(sort -u "$work/seen")
}

# begun POINT HEIGHT: killed while a folder is made.
begun() {
    crash_at "$1"
    check "$1: killed" killed
    must "$1: it starts" start_node
    equal "$1: at the first block" "$2" "$(status | jq -r .height)"
    rm -rf "$work/node.before"
    stop node || true
    mv "$work/node" "$work/node.before"
}
# worked POINT PASS COMMITTED: killed at the PASS-th block of the process, which is committed or not.
worked() {
    local point=$1 pass=$2 committed=$3 before key wanted
    before=$(status | jq -r .height)
    stop node || bad "$point: the node stops"
    : >"$work/seen" && rm -f "$work"/*.acked
    crash_at "$point:$pass"
    must "$point: the node works before" said node '"node"'
    watch_tips & local watching=$!
    stream tenant & local first=$!
    stream lender & local second=$!
    check "$point: killed under a stream" killed
    wait "$first" "$second" "$watching"
    must "$point: it starts again" start_node
    wanted=$((before + pass - 1 + committed))
    equal "$point: at the height that was committed" "$wanted" "$(status | jq -r .height)"
    tip >>"$work/seen"
    must "$point: it goes on" eval "send tenant >/dev/null"
    check "$point: every hash that was seen stands" all_seen
    check "$point: nothing acknowledged is lost ($(cat "$work"/*.acked | wc -l) were)" all_acked
    for key in tenant lender; do
        equal "$point: $key's sequence is what it has sent" "$(sent_by "${address[$key]}")" "$(sequence "${address[$key]}")"
    done
    equal "$point: each was paid once" "$(($(sent_by "${address[tenant]}") + $(sent_by "${address[lender]}")))000000" "$(balance taker)"
}

driven=()
for point in before_begin after_begin; do
    begun "$point" 1
    driven+=("$point")
done
must "the node starts" start_node
declare -A address=()
for key in tenant lender; do address[$key]=$("$sublet" --json wallet balance "$key" | jq -r .address); done
while read -r point committed; do
    worked "$point" 4 "$committed"
    driven+=("$point")
done <<'POINTS'
before_finalize 0
before_commit 0
before_tip 1
after_commit 1
before_answer 1
after_publish 1
POINTS
# What it holds begins another network, which is killed while it does.
held=$(status | jq -r .height)
check "the node ends" stop node
must "it is exported" eval '"$sublet" --json node export --data "$work/node" --to "$work/genesis.json" --chain-id next-1 >/dev/null'
mv "$work/node" "$work/node.old"
for point in before_begin half_begun after_begin; do
    begun "$point" $((held + 1))
done
driven+=(half_begun)
must "the new network's node starts" start_node
equal "every point of the program is driven here" "$("$sublet" node --list-crash-points | sort | xargs)" \
    "$(printf '%s\n' "${driven[@]}" | sort | xargs)"
check "no unit has appeared or vanished" settled_sum tenant lender operator taker
check "the node stops" stop node
