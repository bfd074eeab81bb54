#!/usr/bin/env bash
# cosmjs_cometbft.sh: cosmjs.sh once more, with a node on CometBFT: no client knows the difference.
set -euo pipefail
E2E_ENGINE=cometbft exec bash "$(dirname "${BASH_SOURCE[0]}")/cosmjs.sh"
