#!/usr/bin/env bash
# light.sh: `--verify` against networks on CometBFT 0.38 (four validators) and 0.40 (one): balances proved by signed blocks, with
# witnesses, with validators that are down; a node that lies in each way that matters is refused, and so is one that nobody signs for.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
for version in 0.38 0.40; do
    comet_program $version >/dev/null || skip "there is no CometBFT here (./run setup --with-cometbft)"
done

network_files 'price.cpu_core_hour = "3.6"'
export SUBLET_KEY=tenant
mkdir "$work/bin"
ln -s "$(comet_program 0.38)" "$work/bin/cometbft"
export PATH=$work/bin:$PATH
comet_net "$work/net" 4 "$work/genesis.json" >"$work/net.json"
start net "$sublet" --json net up --folder "$work/net"
must "four nodes on CometBFT 0.38 come up" said net node3
export SUBLET_NODE=http://$comet_first:26657
second=http://$(address_of 1):26657
third=http://$(address_of 2):26657
tenant=$("$sublet" --json wallet balance tenant | jq -r .address)

# verified URL KEY [OPTION…]: the balance as proved, or the error's code and sentence.
verified() {
    local url=$1 who=$2
    shift 2
    "$sublet" --json --node "$url" query balance "$who" --verify "$@" 2>"$work/verified.err" && return
    tail -n 1 "$work/verified.err" | jq -r '.code + ": " + .error' # behind the lines of progress
}

# signed_by RELATION: of an answer's power, all validators having as much.
signed_by() { jq -e ".verified | (.signed_power | tonumber) / (.total_power | tonumber) $1"; }

contains "where nothing is trusted, it asks for a block" "Usage: nothing is trusted of e2e-light" "$(verified "$SUBLET_NODE" tenant)"
point=$("$sublet" --node "$second" query block)
contains "the user's block must be one of this network" "not the one of --trust" \
    "$(verified "$SUBLET_NODE" tenant --trust "${point%%:*}:$(printf '%064d' 7)")"
first=$(verified "$SUBLET_NODE" tenant --trust "$point")
equal "a balance is proved" "$(balance tenant)" "$(jq -r .ucredit <<<"$first")"
equal "from the user's block" "${point%%:*}" "$(jq -r .verified.trusted_height <<<"$first")"
check "more than two thirds signed, of the four" signed_by '>= 3/4' <<<"$first"

"$sublet" wallet send lender 5 >"$work/send.out" 2>&1
after=$(verified "$second" lender --witness "$SUBLET_NODE" --witness "$third")
equal "what was sent is proved, by another node" 1005000000 "$(jq -r .ucredit <<<"$after")"
equal "two witnesses agree" 2 "$(jq -r .verified.witnesses <<<"$after")"
nobody=$("$sublet" --json wallet new nobody 2>/dev/null | jq -r .address)
equal "an empty account is proved to be empty" 0 "$(verified "$SUBLET_NODE" "$nobody" | jq -r .ucredit)"
contains "for people it says what was proved" "of the validators' power" "$("$sublet" query key 0001 --verify 2>&1)"
status=0
"$sublet" query lease 7 --verify >"$work/lease.out" 2>&1 || status=$?
equal "a lease that is not there is proved not to be there: exit code 4" 4 "$status"
check "and says so" grep -q "no lease 7" "$work/lease.out"

# A node that lies.
echo honest >"$work/mode"
start liar python3 "$here/light/liar.py" "$SUBLET_NODE" "$work/mode"
must "a node stands before it that may lie" said liar http
liar=$(cat "$work/liar.out")
honest=$(verified "$liar" tenant)
equal "while it is honest it is believed" "$tenant" "$(jq -r .address <<<"$honest")"
lie() { # MODE PART OF THE ERROR
    echo "$1" >"$work/mode"
    contains "the lie '$1' is refused" "$2" "$(verified "$liar" tenant)"
}
lie balance "NotProved: the node at $liar does not prove its answer"
lie answer "NotProved: the node at $liar answers another value than it proves"
lie absent "NotProved: the node at $liar answers another value than it proves"
lie gone "NotProved: the node at $liar gives no proof"
lie state "NotProved: block"
lie validators "NotProved: block"
lie round "is not its own"
lie swapped "is not its own"
echo stale >"$work/mode"
verified "$liar" tenant >"$work/stale.out" # what it will say for ever
seen=$(jq -r .verified.block_height "$work/stale.out")
newer() { [ "$(verified "$SUBLET_NODE" tenant | jq -r .verified.block_height)" -gt "$seen" ]; }
check "another node has a newer state" within 30 newer
lie stale "what it shows is old"
rm -r "$SUBLET_HOME/light"
echo honest >"$work/mode"
equal "after that an honest one is believed, on its word alone where the user says so" true \
    "$(verified "$liar" tenant --trust-first | jq -r .verified.trusted_first)"
echo state >"$work/mode"
contains "a witness of another opinion is told" "contradicts" "$(verified "$SUBLET_NODE" tenant --witness "$liar")"

# Without one of four it goes on, without two it stands still.
node_pid() { pgrep -f "node --config $work/net/node$1/node.toml"; }
kill "$(node_pid 3)"
down() { verified "$SUBLET_NODE" tenant | signed_by '== 3/4'; }
check "with one validator down, three of four sign" within 60 down
kill "$(node_pid 2)"
sleep 1
contains "with two down there is nothing to prove it by" "Timeout: the node at $SUBLET_NODE has no block" "$(verified "$SUBLET_NODE" tenant)"
stop liar
stop net

# One validator on 0.40.
first_chain=$(jq -r .chain_id "$work/genesis.json")
jq --arg id "$first_chain-b" '.chain_id = $id' "$work/genesis.json" >"$work/second.json"
comet_net "$work/net40" 1 "$work/second.json" >"$work/net40.json"
start node40 "$sublet" --json node --config "$work/net40/node0/node.toml" --cometbft "$(comet_program 0.40)"
must "a node on CometBFT 0.40 comes up" said node40 '"node"'
one=$(verified "$SUBLET_NODE" tenant --trust-first)
check "a balance is proved by the one validator" signed_by '== 1' <<<"$one"
equal "on a chain of its own" "$first_chain-b" "$(jq -r .verified.chain_id <<<"$one")"
stop node40

start_node
contains "one machine's ledger has no signatures" "engine solo" "$(verified "$SUBLET_NODE" tenant --trust-first)"
stop node
