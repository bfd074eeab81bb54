#!/usr/bin/env bash
# rpc.sh: a node of ours and, where tools/bench.py built it, one of CometBFT's, both on loopback; bench/rpc.cpp asks both in turn.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/support/run.sh
. bench/support/run.sh
load=$BENCH_BUILD/bench/rpc

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
answers() { curl -fs -o /dev/null --max-time 2 "http://127.0.0.1:$1/status"; }

"$load" genesis "$work/genesis.json"
port=$(free_port)
start "$SUBLET" node --data "$work/node" --genesis "$work/genesis.json" --port "$port"
within 30 answers "$port"
ports=("$port")
if [ -n "${BENCH_PEER_COMETBFT:-}" ]; then
    home=$work/cometbft
    "$BENCH_PEER_COMETBFT" init --home "$home" >/dev/null
    # Blocks as often as ours, room for all that is sent, and nothing written about it.
    sed -i -e 's/^timeout_commit = .*/timeout_commit = "50ms"/' -e 's/^size = 5000$/size = 200000/' -e 's/^cache_size = 10000$/cache_size = 400000/' \
        -e 's/^max_txs_bytes = .*/max_txs_bytes = 4294967296/' -e 's/^pprof_laddr = .*/pprof_laddr = ""/' \
        -e 's/^log_level = .*/log_level = "error"/' "$home/config/config.toml"
    other=$(free_port)
    start "$BENCH_PEER_COMETBFT" start --home "$home" --proxy_app kvstore --rpc.laddr "tcp://127.0.0.1:$other" --p2p.laddr "tcp://127.0.0.1:0"
    within 30 answers "$other"
    ports+=("$other")
else
    echo "   without CometBFT: ${BENCH_NO_PEER_COMETBFT:-./run bench builds it}" >&2
fi
"$load" "${ports[@]}"
