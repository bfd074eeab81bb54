#!/usr/bin/env bash
# comet_crashes.sh: a node on CometBFT that dies at every point at which CometBFT or we can: it comes back with the same hashes.
# E2E_CRASHES=all for every combination, else 64 of them, chosen by E2E_SEED.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/e2e/lib/alone.sh
. "$here/lib/alone.sh"
comet_program >/dev/null || skip "there is no CometBFT here (./run setup --with-cometbft)"
load=$here/../../build/net-load
[ -x "$load" ] || skip "there is no $load here (./run build)"
status=0
python3 "$here/comet_crashes/matrix.py" "$script" "$work" "$sublet" "$(comet_program)" "$load" || status=$?
[ "$status" -le 1 ] || echo "not ok $script: the script ends by itself: status $status"
exit "$status"
