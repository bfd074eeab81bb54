#!/usr/bin/env bash
# proto.sh: clients generated from proto/, in TypeScript and in Python, send messages of ours to a real node and read the
# records. Prints ok / not ok / skip lines. SUBLET names the program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/e2e/lib/alone.sh
. "$here/lib/alone.sh"
# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"
contract=$(cd "$here/../../proto" && pwd)
mapfile -t files < <(cd "$contract" && find . -name '*.proto' -printf '%P\n' | sort)
status=0

cp "$here"/proto/client.* "$here"/proto/tsconfig.json "$here"/cosmjs/genesis.mjs "$here"/cosmjs/words.mjs "$work"
echo '{"type": "module"}' >"$work/package.json"
peers_modules "$work"
cd "$work"
mkdir gen python
node genesis.mjs >genesis.json
start_alone --check-invariants

protoc -I "$contract" --python_out=python "${files[@]}"
timeout 60 "$peers_python" client.py "$url" python || status=1

options=esModuleInterop=true,forceLong=bigint,importSuffix=.js,outputServices=none
protoc -I "$contract" --plugin=node_modules/.bin/protoc-gen-ts_proto --ts_proto_out=gen --ts_proto_opt=$options "${files[@]}"
if timeout 120 node node_modules/typescript/bin/tsc -p . >tsc.log 2>&1; then
    echo "ok proto: TypeScript: the generated client compiles"
    timeout 60 node out/client.js "$url" || status=1
else
    echo "not ok proto: TypeScript: the generated client compiles: $(grep -m1 error tsc.log | cut -c1-250)"
    status=1
fi
exit $status
