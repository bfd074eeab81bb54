#!/usr/bin/env bash
# state_sync.sh: a fifth node begins with a snapshot of the other four, three of which give it a chunk with a changed byte: it refuses them,
# has the state with its app hash, and follows. Then what a network holds goes on as another one, on both engines.
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
must "a network of five is made" made "$net" 5 "$work/genesis.json"

url_of_node() { jq -r ".[$1].url" "$work/net.json"; }
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
every() { local i; for i in 0 1 2 3 4; do sed -i '/^snapshot_every/d' "$net/node$i/node.toml"; echo "snapshot_every = $1" >>"$net/node$i/node.toml"; done; }
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
trusted=$(curl -fsS "$(url_of_node 0)/commit?height=$snapshot" | jq -r .result.signed_header.commit.block_id.hash)
check "the four end" stop_four
every 0 # that snapshot is the newest
for i in 1 2 3; do must "node $i changes its chunk" bend $i; done
must "the four run again" start_four

cat >>"$net/node4/cometbft/config/config.toml" <<TOML

[statesync]
enable = true
rpc_servers = "$(url_of_node 0),$(url_of_node 1)"
trust_height = $snapshot
trust_hash = "$trusted"
trust_period = "168h"
discovery_time = "5s"
chunk_request_timeout = "5s"
TOML
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
