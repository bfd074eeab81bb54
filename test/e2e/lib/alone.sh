# shellcheck shell=bash
# alone.sh: sourced by scripts that need a ledger node and nothing else. $work is a scratch folder that goes away at the end.
#   skip WHY              ends the script with a `skip` line
#   start_alone [OPTION…] starts a node on $work/genesis.json and sets $url, or ends the script with `not ok`
script=$(basename "$0" .sh)${E2E_ENGINE:+_$E2E_ENGINE}
# shellcheck source=test/e2e/lib/comet.sh
. "$(dirname "${BASH_SOURCE[0]}")/comet.sh"
sublet=${SUBLET:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/build/sublet}
work=$(mktemp -d)
alone_pid=

skip() {
    echo "skip $script: $1"
    exit 0
}
# shellcheck disable=SC2317  # called by the trap
leave_alone() {
    if [ -n "$alone_pid" ]; then
        kill "$alone_pid" 2>/dev/null || true
        wait "$alone_pid" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap leave_alone EXIT

start_alone() {
    local how=(--data "$work/node" --genesis "$work/genesis.json" --port 0)
    if [ "${E2E_ENGINE:-solo}" = cometbft ]; then
        comet_program >/dev/null || skip "there is no CometBFT here (./run setup --with-cometbft)"
        mapfile -t how < <(comet_node_arguments "$work/net" "$work/genesis.json")
    fi
    : >"$work/node.out"
    "$sublet" --json node "${how[@]}" "$@" >"$work/node.out" 2>"$work/node.err" &
    alone_pid=$!
    url=
    for _ in $(seq 100); do
        url=$(grep -om1 'http://[0-9.]*:[0-9]*' "$work/node.out" || true)
        [ -z "$url" ] || return 0
        kill -0 "$alone_pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "not ok $script: the node says where it listens: $(tail -n1 "$work/node.err" | cut -c1-200)"
    exit 1
}
