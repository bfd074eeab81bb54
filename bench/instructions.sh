#!/usr/bin/env bash
# instructions.sh: instructions per transaction of six messages, against bench/instructions.json.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
accept=()
[ -z "${BENCH_ACCEPT:-}" ] || accept=(--accept)
exec python3 tools/instructions.py --bench "${accept[@]}"
