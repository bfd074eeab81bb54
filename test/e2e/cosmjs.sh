#!/usr/bin/env bash
# cosmjs.sh: a real wallet library (CosmJS, unpatched) against a real node. Prints ok / not ok / skip lines.
# SUBLET names the program; without the peers (tools/peers.sh) it skips with a word.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# shellcheck source=test/e2e/lib/alone.sh
. "$here/lib/alone.sh"
# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"

cp "$here"/cosmjs/*.mjs "$here"/amino/contract.mjs "$work"
cd "$work"
peers_modules "$work"
contract_descriptors "$work/contract.pb"

node genesis.mjs >genesis.json
start_alone --check-invariants
status=0
timeout 120 node check.mjs "$url" "$work/contract.pb" || status=$?
[ "$status" -le 1 ] || echo "not ok cosmjs: the script ends by itself: status $status"
exit "$status"
