# shellcheck shell=bash
# alone.sh: sourced by scripts that need a ledger node and nothing else. $work is a scratch folder that goes away at the end.
#   skip WHY              ends the script with a `skip` line
#   start_alone [OPTION…] starts a node on $work/genesis.json and sets $url, or ends the script with `not ok`
script=$(basename "$0" .sh)
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
    : >"$work/node.out"
    "$sublet" --json node --data "$work/node" --genesis "$work/genesis.json" --port 0 "$@" >"$work/node.out" 2>"$work/node.err" &
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
