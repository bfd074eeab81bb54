# shellcheck shell=bash
# run.sh: sourced by the benches that are scripts: a folder and processes that go away at the end, and bounded waits.
#   work   the folder        at_exit COMMAND   runs at the end, before the folder goes
work=$(mktemp -d "${TMPDIR:-/tmp}/bench.XXXXXX")
started=()
endings=()
at_exit() { endings+=("$1"); }
finish() {
    local each
    for each in "${started[@]}"; do kill -TERM "$each" 2>/dev/null && wait "$each" || true; done
    for each in "${endings[@]}"; do eval "$each" >/dev/null 2>&1 || true; done
    rm -rf "$work"
}
trap finish EXIT
# start COMMAND…: in the background; $! is its process, its output is in $work/out and $work/err.
start() {
    "$@" >>"$work/out" 2>>"$work/err" </dev/null &
    started+=($!)
}
# within SECONDS COMMAND…: tries until it succeeds; else what the processes said, and the end.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $until ] || { tail -n 20 "$work/err" >&2; return 1; }
        sleep 0.1
    done
}
