#!/usr/bin/env bash
# state_sync.sh: a fifth node joins a network of four, with a snapshot: three of them give it a chunk with a changed byte. It refuses them,
# has the state with its app hash, and follows. A sixth executes every block. Then what a network holds goes on as another one, on both engines.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/comet.sh
. "$here/lib/comet.sh"

program=$(comet_program) || skip "there is no CometBFT here (./run setup --with-cometbft)"
snapshot=8
network_files
to=$("$sublet" --json wallet new taker 2>/dev/null | jq -r .address)
net=$work/net
made() { comet_net "$@" --check-invariants >"$work/net.json"; }
must "a network of four is made" made "$net" 4 "$work/genesis.json"

refuses() { # WHAT WORDS COMMAND…
    local said
    if said=$("${@:3}" 2>&1); then bad "$1" "it succeeded: $said"; else contains "$1" "$2" "$said"; fi
}
url_of_node() { echo "http://$(address_of "$1"):26657"; }
joins() { # NUMBER [OPTION…]
    "$sublet" --json net join "$(url_of_node 0)" --folder "$net/node$1" --name "node$1" --address "$(address_of "$1")" \
        --p2p-address "$(address_of "$1"):26656" "${@:2}" >"$work/joined.json" 2>"$work/joined.err"
}
status_of() { curl -fsS --max-time 5 "$(url_of_node "$1")/status" | jq -r ".result.sync_info.$2"; }
higher() { [ "$(status_of "$1" latest_block_height)" -gt "$2" ]; } # NODE HEIGHT
# The app hash after a height, as the header of the next one has it.
hash_after() { curl -fsS --max-time 5 "$(url_of_node "$1")/block?height=$(($2 + 1))" | jq -r .result.block.header.app_hash; }
has_snapshot() { [ -f "$net/node$1/snapshots/$snapshot/snapshot" ]; }
run_node() { start "node$1" "$sublet" --json node --config "$net/node$1/node.toml" --cometbft "$program"; }
start_four() {
    local i
    for i in 0 1 2 3; do run_node $i; done
    for i in 0 1 2 3; do said "node$i" '"node"' || return 1; done
}
stop_four() { local i; for i in 0 1 2 3; do stop "node$i"; done; }
every() { local i; for i in 0 1 2 3; do sed -i '/^snapshot_every/d' "$net/node$i/node.toml"; echo "snapshot_every = $1" >>"$net/node$i/node.toml"; done; }
# Another last byte in the chunk, and its hash in the list: the disk is well, its owner is not.
bend() {
    python3 - "$net/node$1/snapshots/$snapshot" <<'PYTHON'
import hashlib
import pathlib
import sys

folder = pathlib.Path(sys.argv[1])
names = (folder / "snapshot").read_bytes()
for chunk in folder.glob("chunk-*"):
    true = chunk.read_bytes()
    bent = true[:-1] + bytes([true[-1] ^ 1])
    chunk.write_bytes(bent)
    names = names.replace(hashlib.sha256(true).digest(), hashlib.sha256(bent).digest())
(folder / "snapshot").write_bytes(names)
PYTHON
}

every $snapshot
must "four of them run" start_four
SUBLET_NODE=$(url_of_node 0)
export SUBLET_NODE
check "they take a transaction" "$sublet" --key tenant wallet send "$to" 5
for i in 0 1 2 3; do must "node $i has a snapshot of height $snapshot" within 60 has_snapshot $i; done
equal "its chunks are the same everywhere" 1 "$(for i in 0 1 2 3; do sha256sum <"$net/node$i/snapshots/$snapshot/chunk-0"; done | sort -u | wc -l)"
check "blocks go on behind it" within 60 higher 0 $((snapshot + 3))
trusted=$("$sublet" query block $((snapshot + 2))) # newer than the snapshot: hashes lead back to it
check "the four end" stop_four
every 0 # that snapshot is the newest
for i in 1 2 3; do must "node $i changes its chunk" bend $i; done
must "the four run again" start_four

# What a node says of its network is a stranger's word.
start liar python3 "$here/light/liar.py" "$(url_of_node 0)" "$work/mode"
must "a node stands before the first that may lie" said liar http
liar=$(cat "$work/liar.out")
lie() { echo "$1" >"$work/mode"; }
lie genesis
refuses "a node that shows another genesis than its witness" "they show different genesis files" \
    "$sublet" net join "$liar" --folder "$net/no" --witness "$(url_of_node 1)"
lie chain
refuses "a genesis of two chains" "that of app_state 'another-1'" "$sublet" net join "$liar" --folder "$net/no"
lie deep
refuses "a genesis without a bottom" "nested deeper than" "$sublet" net join "$liar" --folder "$net/no"
refuses "an address that is none" "'0.0.0.0:99999' is not" "$sublet" net join "$liar" --folder "$net/no" --p2p-address 0.0.0.0:99999
refuses "a way that CometBFT does not know" "is named by http" "$sublet" net join "unix:///x" --folder "$net/no"
check "nothing is left of that" [ ! -e "$net/no" ]
lie peers
check "addresses that are none are left out" "$sublet" net join "$liar" --folder "$net/one" --p2p-address "$(address_of 6):26656"
equal "the asked node alone stays" "persistent_peers = \"$(jq -r .result.node_info.id <<<"$(curl -fsS "$(url_of_node 0)/status")")@$(address_of 0):26656\"" \
    "$(grep ^persistent_peers "$net/one/cometbft/config/config.toml")"
stop liar
start alone "$sublet" --json node --data "$work/other" --genesis "$work/genesis.json" --port 0
must "a node alone runs beside them" said alone '"node"'
refuses "nobody joins the ledger of one machine" "has the ledger of one machine" "$sublet" net join "$(jq -r .node "$work/alone.out")" --folder "$net/no"
stop alone
must "a fifth joins, to begin with that snapshot" joins 4 --trust "$trusted" --witness "$(url_of_node 1)"
equal "it knows the four" 4 "$(jq .peers "$work/joined.json")"
genesis_of() { jq -S 'del(.genesis_time)' "$net/node$1/cometbft/config/genesis.json" | sha256sum; } # the time has other zeros at its end
equal "it has their genesis" "$(genesis_of 0)" "$(genesis_of 4)"
mv "$net/node4/node.toml" "$work/kept.toml"
refuses "keys are never written over" "there is a node in" "$sublet" net join "$(url_of_node 0)" --folder "$net/node4"
mv "$work/kept.toml" "$net/node4/node.toml"
cp -r "$net/node4" "$work/new-node4"
# Which peer is asked first is chance: until a changed chunk came.
for round in 1 2 3 4 5 6; do
    : >"$work/node4.err"
    run_node 4
    must "the fifth has a block (round $round)" said node4 '"node"'
    if grep -q "is refused, and so is who sent it" "$work/node4.err"; then break; fi
    stop node4
    rm -rf "$net/node4" && cp -r "$work/new-node4" "$net/node4"
done
check "it was given a changed chunk, and refused it" grep -q "it is not of the state with root" "$work/node4.err"
equal "it began with the snapshot, not with the first block" $((snapshot + 1)) "$(status_of 4 earliest_block_height)"
contains "a block before is not there, and it says why" "lowest height is $((snapshot + 1))" \
    "$(curl -sS "$(url_of_node 4)/block?height=2" | jq -r '.error.data // .error.message')"
height=$(status_of 0 latest_block_height)
check "it follows" within 60 higher 4 $((height + 3))
equal "with the same app hash" "$(hash_after 0 $((height + 1)))" "$(hash_after 4 $((height + 1)))"
check "the money that was sent is there" [ "$(SUBLET_NODE=$(url_of_node 4) balance taker)" = 5000000 ]
check "a transaction through it is taken by all" env SUBLET_NODE="$(url_of_node 4)" "$sublet" --key tenant wallet send "$to" 1
must "a sixth joins, to execute every block" joins 5
run_node 5
must "it begins" said node5 '"node"'
height=$(status_of 0 latest_block_height)
check "it catches up" within 120 higher 5 "$height"
equal "from the first block on" 1 "$(status_of 5 earliest_block_height)"
equal "to the same app hash" "$(hash_after 0 $((height - 1)))" "$(hash_after 5 $((height - 1)))"
check "the sixth ends" stop node5
check "the fifth ends" stop node4
run_node 4
must "it starts again by itself" said node4 '"node"'
height=$(status_of 0 latest_block_height)
check "and follows" within 60 higher 4 "$height"

# ───── what it holds goes on elsewhere ─────
stop node4
stop_four
exported=$("$sublet" --json node export --data "$net/node4" --to "$work/next.json" --chain-id next-1)
root_hash=$(jq -r .state_root <<<"$exported")
height=$(jq -r .state_height <<<"$exported")
equal "its name is in the genesis" "next-1 $height $root_hash" "$(jq -r '"\(.chain_id) \(.state_height) \(.state_root)"' "$work/next.json")"
start node "$sublet" --json node --data "$work/solo" --genesis "$work/next.json" --port 0 --check-invariants
must "a node alone begins with it" said node '"node"'
SUBLET_NODE=$(jq -r .node "$work/node.out")
equal "where it ended" "$(tr 'a-f' 'A-F' <<<"$root_hash")" "$(curl -fsS "$SUBLET_NODE/block?height=$((height + 1))" | jq -r .result.block.header.app_hash)"
equal "with its money" 6000000 "$(balance taker)"
check "and takes transactions" "$sublet" --key tenant wallet send "$to" 1
check "the node ends" stop node

# Validators go to a network that has none of its own: that of one node.
start node "$sublet" --json node --data "$work/alone" --genesis "$work/genesis.json" --port 0
must "a network of one node" said node '"node"'
SUBLET_NODE=$(jq -r .node "$work/node.out")
check "money moves on it" "$sublet" --key tenant wallet send "$to" 6
check "it ends" stop node
exported=$("$sublet" --json node export --data "$work/alone" --to "$work/grown.json" --chain-id grown-1)
root_hash=$(jq -r .state_root <<<"$exported")
height=$(jq -r .state_height <<<"$exported")
must "four nodes are made from it" made "$work/net2" 4 "$work/grown.json"
net=$work/net2
must "they begin with it" start_four
equal "where it ended, too" "$(tr 'a-f' 'A-F' <<<"$root_hash")" "$(hash_after 2 "$height")"
SUBLET_NODE=$(url_of_node 3)
equal "with its money, too" 6000000 "$(balance taker)"
check "and take transactions" "$sublet" --key tenant wallet send "$to" 1
