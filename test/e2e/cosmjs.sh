#!/usr/bin/env bash
# cosmjs.sh: a real wallet library (CosmJS, unpatched) against a real node. Prints ok / not ok / skip lines.
# SUBLET names the program; without the peers (tools/peers.sh) it skips with a word.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sublet=${SUBLET:-$here/../../build/sublet}

skip() {
    echo "skip cosmjs: $1"
    exit 0
}

# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"

work=$(mktemp -d)
node_pid=
# shellcheck disable=SC2317  # called by the trap
finish() {
    if [ -n "$node_pid" ]; then
        kill "$node_pid" 2>/dev/null || true
        wait "$node_pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

cp "$here"/cosmjs/*.mjs "$here"/amino/contract.mjs "$work"
cd "$work"
peers_modules "$work"
contract_descriptors "$work/contract.pb"

node genesis.mjs >genesis.json
"$sublet" --json node --data "$work/node" --genesis "$work/genesis.json" --port 0 --check-invariants >node.out 2>node.err &
node_pid=$!
url=
for _ in $(seq 100); do
    url=$(grep -om1 'http://[0-9.]*:[0-9]*' node.out || true)
    [ -z "$url" ] || break
    kill -0 "$node_pid" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "not ok cosmjs: the node says where it listens: $(tail -n1 node.err | cut -c1-200)"
    exit 1
fi
status=0
timeout 120 node check.mjs "$url" "$work/contract.pb" || status=$?
[ "$status" -le 1 ] || echo "not ok cosmjs: the script ends by itself: status $status"
exit "$status"
