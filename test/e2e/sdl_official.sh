#!/usr/bin/env bash
# sdl_official.sh: deployment files through Akash's own compiler (npm) and through ours: the same verdict, failing path, manifest, hash and
# groups for every published file, our examples and ten thousand generated ones. Prints ok / not ok / skip lines.
# FOLDER=PATH keeps the generated files. SUBLET_SHARED names the folder of the published files (else ../shared beside the checkout).
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
sublet=${SUBLET:-$root/build/sublet}

skip() {
    echo "skip sdl_official: $1"
    exit 0
}

# shellcheck source=lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
# shellcheck disable=SC2154  # set by peers.sh
[ -d "$peers_home/node_modules/@akashnetwork/chain-sdk" ] || skip "npm did not give @akashnetwork/chain-sdk (build/peers/install.log)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/sdl_official/*.mjs "$work"
peers_modules "$work"
status=0
timeout 300 node "$work/run.mjs" "$sublet" "$work" "$root" "${SUBLET_SHARED:-$root/../shared}" 2>"$work/run.err" || status=$?
if [ -s "$work/run.err" ]; then
    echo "not ok sdl_official: the comparison stops: $(grep -m1 Error "$work/run.err" || head -n 1 "$work/run.err")"
fi
exit $status
