#!/usr/bin/env bash
# net.sh: four validators on CometBFT, transfers and two lenders with real containers, while nodes are killed, frozen and cut off. Two
# minutes; E2E_NET_SECONDS=600 for the long run. E2E_SEED=N repeats the faults of a run.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

seconds=${E2E_NET_SECONDS:-100}
seed=${E2E_SEED:-$$}
accounts=24
load=$root/build/net-load
program=$(comet_program) || skip "there is no CometBFT here (./run setup --with-cometbft)"
[ -x "$load" ] || skip "there is no $load here (./run build)"
command -v nft >/dev/null || skip "there is no nft here (apt-get install nftables)"
"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
RANDOM=$seed
echo "# faults of seed $seed for $seconds s"

network_files 'price.cpu_core_hour = "3.6"'
jq --argjson load "$("$load" balances $accounts)" '.balances += $load
    | .params.heartbeat_cover_ms = "30000" | .params.gas_price_nano = "1000000"' "$work/genesis.json" >"$work/net.json"
must "the files of four nodes" eval 'comet_net "$work/net" 4 "$work/net.json" --check-invariants >"$work/nodes.json"'
urls=()
for i in 0 1 2 3; do urls+=("http://$(address_of $i):26657"); done

first_group=$((40000 + $$ % 10000))
start_one() { start "node$1" setpriv --regid=$((first_group + $1)) --clear-groups "$sublet" --json node --config "$work/net/node$1/node.toml" --cometbft "$program"; }
comet_of() { pgrep -P "${pids[node$1]}" -f cometbft; }
rpc() { curl -fs --max-time 5 "${urls[$1]}/$2"; }
height() { rpc "$1" status | jq -r '.result.sync_info.latest_block_height // 0'; }

for i in 0 1 2 3; do start_one $i; done
for i in 0 1 2 3; do must "node $i has a block" said node$i '"node"'; done
hashes_agree() { # of all heights that all four have, as each executed them
    local last=$1 first=${2:-1} i
    for i in 0 1 2 3; do
        for ((at = first; at <= last; at += 100)); do
            seq "$at" $((at + 99 < last ? at + 99 : last)) | jq -sc 'map({jsonrpc: "2.0", id: ., method: "block_results", params: {height: tostring}})' |
                curl -fs --max-time 20 -H 'content-type: application/json' -d @- "${urls[$i]}" | jq -r '.[] | "\(.id) \(.result.app_hash) \(.result.txs_results | length)"'
        done >"$work/hashes$i"
        [ "$(wc -l <"$work/hashes$i")" = $((last - first + 1)) ] || { echo "node $i has not all of them"; return 1; }
        cmp "$work/hashes0" "$work/hashes$i" || return 1
    done
}

# ── two lenders, each at a node of its own, a container each
export SUBLET_NODE=${urls[0]}
must "a lender at node 0" start_lend
provider_files 2 100 -e 's/machine = .*//'
export SUBLET_NODE=${urls[2]}
must "a lender at node 2" run_another_lend 2
export SUBLET_NODE=${urls[1]}
rent() { "$sublet" --json rent --deposit 20 "$here/files/web.yaml" 2>>"$work/rent.err" | jq -r '.leases[0].lease | "\(.id) \(.state)"'; }
leases=()
for i in 1 2; do
    read -r id state < <(rent)
    must "lease $i runs" [ "$state" = running ]
    leases+=("$id")
done
before=$(containers "${leases[0]}")$(containers "${leases[1]}")

# ── load, and faults
"$load" run $accounts "$seconds" 30 "${urls[@]}" >"$work/load.json" 2>"$work/load.err" &
pids[load]=$!
table=sublet_e2e_net_$$
cleanup+=("nft delete table ip $table 2>/dev/null || true")
# Each node has a group of its own, so that a rule of the firewall finds its packets, also those of connections that it made.
cut_off() {
    nft add table ip "$table"
    nft "add chain ip $table out { type filter hook output priority 0; }"
    nft add rule ip "$table" out meta skgid $((first_group + $1)) tcp dport 26656 drop
    nft add rule ip "$table" out meta skgid $((first_group + $1)) tcp sport 26656 drop
    nft add rule ip "$table" out ip daddr "$(address_of "$1")" tcp dport 26656 drop
}
joined() { nft delete table ip "$table"; }
freeze() { kill -STOP "${pids[node$1]}" "$(comet_of "$1")"; }
thaw() { kill -CONT "${pids[node$1]}" "$(comet_of "$1")"; }
kill_one() { kill_hard "node$1"; }
revive() { start_one "$1" && said "node$1" '"node"'; }
kill_engine() { kill -KILL "$(comet_of "$1")"; }
grows() { # NODE BLOCKS SECONDS: as long as two thirds are up
    local from
    from=$(height "$1")
    within "$3" eval '[ "$(height '"$1"')" -ge '$((from + $2))' ]'
}
one_fault() {
    local victim=$((RANDOM % 4)) kind=$((RANDOM % 4)) witness
    witness=$(((victim + 1 + RANDOM % 3) % 4))
    case $kind in
        0) check "node $victim killed, the others go on" eval "kill_one $victim; grows $witness 4 15"
           check "node $victim is back" revive $victim ;;
        1) kill_engine $victim
           check "CometBFT of node $victim killed, the others go on" grows $witness 4 15
           check "node $victim goes on with a new one" grows $victim 4 30 ;;
        2) freeze $victim
           check "node $victim frozen, the others go on" grows $witness 4 15
           thaw $victim
           check "node $victim thawed" grows $victim 4 30 ;;
        3) cut_off $victim
           check "node $victim cut off, the others go on" grows $witness 4 15
           joined
           check "node $victim joined again" grows $victim 4 40 ;;
    esac
}
until_s=$((SECONDS + seconds - 35))
while [ $SECONDS -lt $until_s ]; do one_fault; done

# Two at once are more than a third: nothing is decided without them, and nothing is lost.
highest() { local a b; a=$(height 0) && b=$(height 2) && echo $((a > b ? a : b)); } # one of them may still be catching up
kill_one 1
freeze 3
sleep 1
at=$(highest)
sleep 4
check "with two of four nothing is decided" [ "$(highest)" -le $((at + 1)) ]
thaw 3
check "with three it goes on" grows 0 4 30
check "and with the fourth" revive 1

# ── what it came to
wait "${pids[load]}"
unset 'pids[load]'
echo "# $(cat "$work/load.json" "$work/load.err")"
included=$(jq .included "$work/load.json")
check "transfers went in all the while" [ "${included:-0}" -gt $((seconds * 3)) ]
last=$(height 0)
for i in 1 2 3; do check "node $i reaches height $last" within 40 eval '[ "$(height '$i')" -ge '"$last"' ]'; done
check "each executed every block to the same hash ($last blocks)" hashes_agree "$last"
counted=$("$load" count $accounts "${urls[3]}")
open=$(jq '.refused + .unanswered' "$work/load.json")
check "each transfer that was acknowledged is there once, and no other" \
    [ "$counted" -ge "$included" ] && check "as many as were sent at most" [ "$counted" -le $((included + open + accounts)) ]
for i in 0 1 2 3; do
    check "every sum adds up at node $i" eval '[ "$(curl -fs '"${urls[$i]}"'/health | jq -c .result)" = "{}" ]'
    export SUBLET_NODE=${urls[$i]}
    equal "leases run on at node $i" "running running" "$(field "${leases[0]}" .lease.state) $(field "${leases[1]}" .lease.state)"
done
equal "in the same containers" "$before" "$(containers "${leases[0]}")$(containers "${leases[1]}")"
for i in 0 1 2 3; do check "node $i ends when it is asked to" stop node$i; done
