#!/usr/bin/env bash
# rent.sh: submit → first HTTP 200 through the whole process `sublet rent`, the image present, against create and start alone of the
# same engine in the same run, in turn; then what the node and its agent use while nothing happens.   ROUNDS (7), IDLE_SECONDS (30)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=bench/support/run.sh
. bench/support/run.sh
rounds=${ROUNDS:-7} idle_s=${IDLE_SECONDS:-30} sublet=$SUBLET
export SUBLET_HOME=$work/home
unset SUBLET_NODE SUBLET_KEY SUBLET_PASSPHRASE
now_ms() { local now=${EPOCHREALTIME//[!0-9]/}; echo $((now / 1000)); }
first_200() { # URL: polls without a pause, gives up after 30 s
    local end=$((SECONDS + 30))
    until curl -fs -o /dev/null --max-time 2 "$1"; do [ $SECONDS -lt $end ] || return 1; done
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

images/build.sh web >/dev/null
# shellcheck source=../images/engine.sh
. images/engine.sh
engine_configure "$work"
start "$sublet" up --data "$work/network"
network_pid=$!
at_exit "podman rm -f sublet-bench"
within 30 grep -q '^up:' "$work/out"
# The engine of the network, asked directly: the same socket, the same network driver, a published port.
for socket in "$(find "$work" -name engine.sock)" /run/podman/podman.sock /run/docker.sock; do [ ! -S "$socket" ] || break; done
api() { curl -fsS --unix-socket "$socket" -X "$1" "http://d/v1.40$2" "${@:3}"; }

bare() {
    local begun id port=$((20000 + RANDOM % 10000))
    begun=$(now_ms)
    id=$(api POST '/containers/create?name=sublet-bench' -H 'content-type: application/json' -d '{
        "Image": "docker.io/sublet/web:1", "ExposedPorts": {"80/tcp": {}},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "'"$port"'"}]},
        "Ulimits": [{"Name": "nofile", "Soft": 20000, "Hard": 20000}, {"Name": "nproc", "Soft": 32768, "Hard": 32768}]}}' | jq -r .Id)
    api POST "/containers/$id/start" >/dev/null
    echo $(($(now_ms) - begun)) >>"$work/started"
    first_200 "http://127.0.0.1:$port/"
    echo $(($(now_ms) - begun)) >>"$work/bare"
    api DELETE "/containers/$id?force=true" >/dev/null
}
rented() {
    local begun url lease
    begun=$(now_ms)
    "$sublet" rent examples/web.yaml --json >"$work/rent.json" 2>>"$work/rent.err"
    url=$(jq -r '[.. | .uris? // empty | .[]?][0]' "$work/rent.json")
    first_200 "$url"
    echo $(($(now_ms) - begun)) >>"$work/rented"
    lease=$("$sublet" lease ls --json | jq -r '[.leases[] | select(.state != "closed")][0].id')
    "$sublet" lease close "$lease" >/dev/null 2>&1
}
bare; rented; rm "$work"/{started,bare,rented}  # warm up
for _ in $(seq "$rounds"); do
    bare
    rented
done
started_ms=$(median <"$work/started") bare_ms=$(median <"$work/bare") rented_ms=$(median <"$work/rented")
shown() { tr '\n' ' ' <"$work/$1"; }
printf '   the engine alone: started %s ms (%s), 200 %s ms (%s)\n   sublet rent → 200: %s ms (%s)\n' \
    "$started_ms" "$(shown started)" "$bare_ms" "$(shown bare)" "$rented_ms" "$(shown rented)" >&2

# Idle: `sublet up` is node and agent in one tree of processes; the engine and its containers do not count.
tree() { # PID: it and what it started, by its own program
    local pid
    echo "$1"
    for pid in $(pgrep -P "$1" || true); do [ "$(readlink "/proc/$pid/exe")" != "$(readlink -f "$sublet")" ] || tree "$pid"; done
}
ticks() { local pid; for pid in "$@"; do awk '{ print $14 + $15 }' "/proc/$pid/stat"; done | awk '{ sum += $1 } END { print sum }'; }
mapfile -t processes < <(tree "$network_pid")
sleep 3  # what the last lease left to do
before=$(ticks "${processes[@]}")
sleep "$idle_s"
used=$(($(ticks "${processes[@]}") - before))
resident_kb=$(for pid in "${processes[@]}"; do awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup"; done | awk '{ sum += $1 } END { print sum }')
cpu=$(awk -v used="$used" -v s="$idle_s" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.3f", 100 * used / hz / s }')
printf '   idle for %s s: %s %% of a core, %s kB, %s processes\n' "$idle_s" "$cpu" "$resident_kb" "${#processes[@]}" >&2

# row NAME VALUE UNIT GOAL [AGAINST AGAINST_VALUE]: less is better; the goal is the value's.
row() {
    jq -nc --arg name "$1" --argjson value "$2" --arg unit "$3" --argjson goal "$4" --arg against "${5:-}" --argjson against_value "${6:-null}" '
        {$name, $value, $unit, $goal, goal_of: "value", better: "lower"} +
        if $against == "" then {} else {$against, $against_value, ratio: ($value / $against_value)} end'
}
row "sublet rent to HTTP 200, whole process" "$rented_ms" ms null "create and start by the engine alone" "$started_ms"
row "sublet rent to HTTP 200, above the engine" $((rented_ms - bare_ms)) ms 400 "create, start and HTTP 200 by the engine alone" "$bare_ms"
row "idle node and agent: processor" "$cpu" "% of a core" 1
row "idle node and agent: memory" "$(awk -v kb="$resident_kb" 'BEGIN { printf "%.1f", kb * 1.024 / 1000 }')" MB 100
