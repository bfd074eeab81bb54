#!/usr/bin/env bash
# life_cometbft.sh: life.sh once more, with a node on CometBFT: no client knows the difference.
set -euo pipefail
E2E_ENGINE=cometbft exec bash "$(dirname "${BASH_SOURCE[0]}")/life.sh"
