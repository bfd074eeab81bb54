#!/usr/bin/env bash
# proofs.sh: state proofs of a real node, checked by two verifiers that others wrote (npm and Go), honest ones and lies.
# Prints ok / not ok / skip lines. SUBLET names the program.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/e2e/lib/alone.sh
. "$here/lib/alone.sh"
# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready

cp "$here"/proofs/*.mjs "$work"
peers_modules "$work"
echo 'block_interval_ms = 1' >"$work/node.toml"
(cd "$work" && node world.mjs >genesis.json)
start_alone --config "$work/node.toml"

status=0
cd "$work"
timeout 120 node collect.mjs "$url" "$work/cases.jsonl" "$work/spec.json" || status=1
[ -s cases.jsonl ] || { echo "not ok proofs: no proofs were collected"; exit 1; }
timeout 120 node verify.mjs cases.jsonl spec.json || status=1

# The recipes of the spec, as they stand there: one record that is there, one that is not.
recipe() { awk -v begin="\`\`\`$1" '$0 == begin { on = 1; next } $0 == "```" { on = 0 } on' "$here/../../docs/spec/proofs.md"; }
recipe js >recipe.mjs
for want in "0001 present" "ffff absent"; do
    if node recipe.mjs "$url" "${want% *}" 2>&1 | grep -qx "${want#* } at height [0-9]*: proved"; then
        echo "ok proofs: the recipe of docs/spec/proofs.md in JavaScript: ${want#* }"
    else
        echo "not ok proofs: the recipe of docs/spec/proofs.md in JavaScript: ${want#* }"
        status=1
    fi
done

# The module's bytes are pinned by go.sum; without its proxy there is nothing to build.
if ! command -v go >/dev/null; then
    echo "skip proofs: Go: there is no Go 1.22 or newer here"
elif ! (cd "$here/../peers/ics23" && GOFLAGS=-mod=readonly timeout 180 go build -o "$work/ics23" .) >go.log 2>&1; then
    if grep -q 'dial tcp\|lookup \|proxyconnect\|i/o timeout' go.log; then
        echo "skip proofs: Go: no module proxy: $(tail -n1 go.log | cut -c1-120)"
    else
        echo "not ok proofs: Go: the verifier builds: $(tail -n1 go.log | cut -c1-200)"
        status=1
    fi
else
    timeout 120 ./ics23 cases.jsonl || status=1
    mkdir recipe && cp "$here"/../peers/ics23/go.* recipe && recipe go >recipe/main.go
    for kind in exist absent; do
        mapfile -t case < <(node -e 'const c = require("fs").readFileSync("cases.jsonl", "utf8").split("\n").map((l) => l && JSON.parse(l))
            .find((c) => c.ok && c.kind === process.argv[1]); console.log([c.root, c.key, c.value, c.proof].join("\n"))' "$kind")
        if (cd recipe && GOFLAGS=-mod=readonly go run . "${case[@]}" 2>&1) | grep -q ': true$'; then
            echo "ok proofs: the recipe of docs/spec/proofs.md in Go: $kind"
        else
            echo "not ok proofs: the recipe of docs/spec/proofs.md in Go: $kind"
            status=1
        fi
    done
fi
exit $status
