#!/usr/bin/env bash
# cosmos_rest.sh: the Cosmos REST paths of a real node, as wallets use them: each answer is read strictly by the schemas of cosmjs-types,
# our own messages by protobuf's JSON reader and the contract in proto/. Prints ok / not ok / skip lines. SUBLET names the program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/e2e/lib/alone.sh
. "$here/lib/alone.sh"
# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"

cp "$here"/cosmos_rest/* "$work"
peers_modules "$work"
cd "$work"
node world.mjs >genesis.json
start_alone --check-invariants
status=0
timeout 120 node check.mjs "$url" "$peers_python" "$here/../../proto" || status=1
exit $status
