#!/usr/bin/env bash
# consensus.sh: transactions a second to commit and latency, on CometBFT with one and four validators, against CometBFT's own kvstore with
# transactions of the same size, in turn; and our solo engine with the same client. Needs CometBFT (./run setup --with-cometbft).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/support/run.sh
. bench/support/run.sh
client=$BENCH_BUILD/bench/consensus
cometbft=$PWD/build/cometbft/bin/cometbft-0.38
seconds=${BENCH_SECONDS:-10}
first=127.$((1 + $$ / 250 % 250)).$((1 + $$ % 250)).2
export SUBLET_HOME=$work/home

if [ ! -x "$cometbft" ]; then
    jq -cn '{name: "commit over the socket, one validator", value: null, unit: "skipped: no CometBFT (./run setup --with-cometbft)"}'
    exit 0
fi
address_of() { echo "${first%.*}.$((2 + $1))"; }
answers() { curl -fs -o /dev/null --max-time 2 "http://$1:26657/status"; }
has_block() { [ "$(curl -fs --max-time 2 "http://$1:26657/status" | jq -r ".result.sync_info.latest_block_height // 0")" -ge 1 ] 2>/dev/null; }
ticks() { # of the processes named, in hundredths of a second
    local sum=0 pid
    for pid in "$@"; do sum=$((sum + $(awk '{ print $14 + $15 }' "/proc/$pid/stat"))); done
    echo $sum
}
stop_all() {
    local each
    for each in "${started[@]}"; do kill -TERM "$each" 2>/dev/null || true; done
    for each in "${started[@]}"; do wait "$each" 2>/dev/null || true; done
    started=()
}
# files NAME VALIDATORS TIMEOUT_COMMIT
files() {
    local i
    "$SUBLET" net init --folder "$work/$1" --validators "$2" --genesis "$work/genesis.json" --chain-id "$chain" --first-address "$first" >/dev/null
    for ((i = 0; i < $2; i++)); do
        sed -i -e "s/timeout_commit = \"500ms\"/timeout_commit = \"$3\"/" "$work/$1/node$i/cometbft/config/config.toml"
    done
}
addresses() { local i; for ((i = 0; i < $1; i++)); do address_of "$i"; done; }
start_ours() { # NAME VALIDATORS
    local i
    for ((i = 0; i < $2; i++)); do start "$SUBLET" node --config "$work/$1/node$i/node.toml" --cometbft "$cometbft"; done
    for ((i = 0; i < $2; i++)); do within 60 has_block "$(address_of "$i")"; done
}
start_kvstore() { # NAME VALIDATORS
    local i
    for ((i = 0; i < $2; i++)); do
        start "$cometbft" node --home "$work/$1/node$i/cometbft" --proxy_app kvstore --rpc.laddr "tcp://$(address_of "$i"):26657"
    done
    for ((i = 0; i < $2; i++)); do within 60 has_block "$(address_of "$i")"; done
}
# rate KIND VALIDATORS: sets $answer, $ours_ticks and $all_ticks
rate() {
    local nodes=("${started[@]}") engines before after list
    mapfile -t engines < <(for each in "${nodes[@]}"; do pgrep -P "$each" || true; done)
    mapfile -t list < <(addresses "$2")
    answer=$("$client" rate "$1" "$seconds" "${list[@]}" 2> >(
        read -r _ # "sending": what it made ready before took a while
        echo "$(ticks "${nodes[@]}") $(ticks "${engines[@]}")" >"$work/before"
        cat >&2
    ))
    before=$(cat "$work/before")
    after="$(ticks "${nodes[@]}") $(ticks "${engines[@]}")"
    ours_ticks=$((${after% *} - ${before% *}))
    all_ticks=$((ours_ticks + ${after#* } - ${before#* }))
    echo "   $1, $2 validators: $answer" >&2
}

"$client" genesis "$work/genesis.json"
chain=$(jq -r .chain_id "$work/genesis.json")
declare -A tps share
for validators in 1 4; do
    files "ours$validators" $validators 0s
    start_ours "ours$validators" $validators
    rate transfers $validators
    tps[ours$validators]=$(jq .rate <<<"$answer")
    share[$validators]=$((100 * ours_ticks / (all_ticks > 0 ? all_ticks : 1)))
    stop_all
    files "kvstore$validators" $validators 0s
    start_kvstore "kvstore$validators" $validators
    rate plain $validators
    tps[kvstore$validators]=$(jq .rate <<<"$answer")
    stop_all
done

start "$SUBLET" node --data "$work/solo" --genesis "$work/genesis.json" --address "$(address_of 0)" --port 26657
within 30 answers "$(address_of 0)"
rate transfers 1
solo=$(jq .rate <<<"$answer")
solo_latency=$("$client" latency transfers 100 "$(address_of 0)")
stop_all

# At the defaults we ship: how long a block takes, how long a sender waits.
files default 4 500ms
start_ours default 4
from=$(curl -fs "http://$(address_of 0):26657/status" | jq -r .result.sync_info.latest_block_height)
begun=$EPOCHREALTIME
latency=$("$client" latency transfers 60 "$(address_of 0)")
to=$(curl -fs "http://$(address_of 0):26657/status" | jq -r .result.sync_info.latest_block_height)
block_s=$(jq -n --argjson a "$begun" --argjson b "$EPOCHREALTIME" --argjson n $((to - from)) '($b - $a) / $n')
stop_all
files kvdefault 4 500ms
start_kvstore kvdefault 4
kv_latency=$("$client" latency plain 60 "$(address_of 0)")
stop_all

row() { jq -cn "$@"; }
for validators in 1 4; do
    row --arg n "$validators" --argjson v "${tps[ours$validators]}" --argjson kv "${tps[kvstore$validators]}" --argjson s "${share[$validators]}" '{
        name: "commit over the socket, \($n) validator\(if $n == "1" then "" else "s" end): signed transfers",
        value: $v, unit: "tx/s (our share of the CPU: \($s) %)", against: "CometBFT v0.38.25, kvstore in its process, 280 bytes", against_value: $kv,
        ratio: ($v / $kv), goal: 0.6, goal_of: "ratio", better: "higher"}'
done
row --argjson v "$solo" --argjson one "${tps[ours1]}" '{name: "commit by the solo engine, same client", value: $v, unit: "tx/s",
    against: "our one validator on CometBFT", against_value: $one, ratio: ($v / $one), goal: 3, goal_of: "ratio", better: "higher"}'
row --argjson v "$block_s" '{name: "block time, four validators at our defaults", value: $v, unit: "s", goal: 1, goal_of: "value", better: "lower"}'
row --argjson a "$latency" --argjson k "$kv_latency" '{name: "submit to commit, four validators at our defaults, p50", value: $a.p50_ms,
    unit: "ms (p99 \($a.p99_ms) ms)", against: "kvstore, the same (p99 \($k.p99_ms) ms)", against_value: $k.p50_ms, ratio: ($a.p50_ms / $k.p50_ms)}'
row --argjson a "$solo_latency" '{name: "submit to commit, solo engine, p50", value: $a.p50_ms, unit: "ms (p99 \($a.p99_ms) ms)"}'
