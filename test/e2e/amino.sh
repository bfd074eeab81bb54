#!/usr/bin/env bash
# amino.sh: what hardware wallets sign, ours against @cosmjs/amino, over random values of every message. Prints ok / not ok / skip.
# AMINO_SEED draws other values.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$here/../..

skip() {
    echo "skip amino: $1"
    exit 0
}
# shellcheck source=test/e2e/lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/amino/*.mjs "$work"
peers_modules "$work"
contract_descriptors "$work/contract.pb"
tool=$(dirname "${SUBLET:-$root/build/sublet}")/amino-doc
timeout 120 node "$work/check.mjs" "$tool" "$work/contract.pb" "${AMINO_SEED:-20261123}"
