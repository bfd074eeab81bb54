#!/usr/bin/env bash
# tasks_cage.sh: what a hostile task of a job tries: the network, the host, another task, what an earlier one left, and to fill the machine.
# Every attempt runs in a container of a real worker; docs/spec/cage.md has the table, which this script compares (UPDATE_GOLDEN=1 writes
# it). The hosts around are made here in a network namespace; nothing else is addressed.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/around.sh
. "$here/lib/around.sh"

[ "$(id -u)" = 0 ] || skip "needs root: network namespaces are made"
command -v g++ >/dev/null || skip "there is no g++ here"
[ -x /bin/busybox ] || skip "there is no /bin/busybox here (apt-get install busybox-static)"

# ── an image with the attempts in it
image=docker.io/sublet/task-cage:$$
mkdir -p "$work/image"
for name in attack rogue; do
    g++ -std=c++23 -O1 -static -o "$work/image/$name" "$here/cage/$name.cpp" 2>"$work/attack.err" || skip "no static C++ library here"
done
cp /bin/busybox "$here/cage/attempts.sh" "$work/image"
cat >"$work/image/Containerfile" <<'FILE'
FROM scratch
COPY . /
RUN ["/busybox", "sh", "-c", "/busybox mkdir -p /bin /tmp /var/tmp /etc && /busybox --install -s /bin && echo root:x:0:0::/:/bin/sh >/etc/passwd && echo nobody:x:99:99::/:/bin/sh >>/etc/passwd"]
FILE
# shellcheck source=../../images/engine.sh
(. "$root/images/engine.sh" && engine_configure "$work/build-engine" && podman build -q --label sublet.test=1 -t "$image" "$work/image") >"$work/build.log" 2>&1 ||
    skip "podman build fails: $(tail -n 1 "$work/build.log")"
cleanup+=("podman rmi -f $image >/dev/null 2>&1")
hosts_around
mkdir "$work/host" && echo "a file of the host" >"$work/host/socket.txt"
cat >"$work/listen.py" <<'PY'
import socket, sys, time
for name in ("\0sublet-host", sys.argv[1]):
    made = socket.socket(socket.AF_UNIX)
    made.bind(name)
    made.listen()
    globals()[f"keep{len(name)}"] = made
print("listening", flush=True)
time.sleep(600)
PY
start listen python3 "$work/listen.py" "$work/host/socket"
must "the host listens on sockets of its own" said listen listening

network_files 'price.cpu_core_hour = "36"' 'jobs.slots = 2'
must "the node starts" start_node
must "a provider starts" start_lend
"$sublet" wallet new thief >/dev/null 2>&1
check "a second creator has money" "$sublet" wallet send thief 10 --key tenant
gateway_port=$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | grep -oE 'https://[^"]*:[0-9]+' | head -n 1 | grep -oE '[0-9]+$')

batch() { # KEY OPTION… -- COMMAND…
    local key=$1
    shift
    "$sublet" --json --key "$key" batch --yes --image "$image" --pay 0.001 --cores "${cores:-0.5}" --memory 128Mi "$@" 2>>"$work/batch.err"
}
newest_job() { "$sublet" --json --key "$1" job ls 2>/dev/null | jq ".jobs[0].id"; }
rows=()
# judge GROUP FILE: every line of what a task wrote is a row; none may have succeeded.
judge() {
    local group=$1 name got why count=0
    while IFS='|' read -r name got why; do
        count=$((count + 1))
        if [[ $got == refused* ]]; then ok "$group: $name: ${got#refused: }"; else bad "$group: $name" "${got:-nothing}"; fi
        rows+=("| $group | $name | ${got#refused: } | $why |")
    done <"$2"
    [ $count -gt 0 ] || bad "$group: it was tried" "$(tail -n 3 "$work/batch.err")"
}

# ── what the attempts could reach if nothing stopped them: the host itself is answered
for each in "$internet:80" "$internet:25" "$lan:80" "$ten:80" "$corporate:80" "$shared:80" "$metadata:80" "127.0.0.1:$hostport" "${internet%.*}.253:$hostport"; do
    check "the host itself reaches $each" fetch "$each"
done
for attack in raw_socket packet_socket; do check "the host's root may do $attack" eval '"$work/image/attack" $attack | grep -q "^done"'; done
check "the host itself reaches its abstract socket" eval '"$work/image/rogue" unix @sublet-host | grep -q "^done"'
check "and the one with a path" eval '"$work/image/rogue" unix "$work/host/socket" | grep -q "^done"'

# ── a victim that works meanwhile, of another creator
mkdir "$work/in" && echo "what all tasks share" >"$work/in/shared"
shared_sum=$(sha256sum <"$work/in/shared")
batch tenant --in "$work/in" --out "$work/victim" -- /busybox sh -c '
    echo secret >/tmp/victim; echo secret >/victim; echo secret >out/victim
    setsid sleep 999 & /rogue make ${SECONDS_TO_LIVE:-40} >out/kept; sha256sum in/shared >out/sum' >"$work/victim.json" &
victim=$!
must "the victim is on the ledger" within 20 eval '[ "$(newest_job tenant)" != null ]'
# shellcheck disable=SC2034  # used within eval
victim_id=$(newest_job tenant | tr -d '"')
kept() { echo "$work/lend/jobs/$1"; }
must "the victim runs" within 30 eval '[ -s "$(kept "$victim_id")"/0-1/out/kept ]'

# ── the attempts
given=()
for each in LAN=$lan METADATA=$metadata INTERNET=$internet SHARED=$shared TEN=$ten CORPORATE=$corporate SIX=$six HOSTPORT=$hostport NODEPORT=$node_port \
    "GATEWAYPORT=$gateway_port" "HOSTPID=${pids[node]}" "UNIXPATH=$work/host/socket" PATH=/bin; do given+=(--env "$each"); done
for group in network kernel input others bombs; do
    batch thief --in "$work/in" --output-max 16Mi --out "$work/$group" "${given[@]}" -- /busybox sh -c "exec /busybox sh /attempts.sh $group >out/rows" >"$work/$group.json"
    judge "$group" "$work/$group/rows"
done
wait $victim
equal "the victim has ended well" "done 1" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' "$work/victim.json")"
equal "what it made was there to the end" "made kept" "$(tr '\n' ' ' <"$work/victim/kept" | sed 's/ $//')"
equal "the input that all share is the same" "$shared_sum" "$(cat "$work"/lend/jobs/*/in/shared | sort -u | sha256sum)"
equal "nobody wrote to the host's control groups or hooks" "" "$(grep -l '/x' /proc/sys/kernel/core_pattern /sys/kernel/uevent_helper 2>/dev/null)"

# ── what ends a task: the worker says why; its creator pays nothing
# ended NAME REASON WHY OPTION… -- COMMAND…: a row too. REASON is a pattern.
ended() {
    local name=$1 reason=$2 why=$3 before said
    shift 3
    before=$(newest_job thief)
    batch thief --out "$work/ended" "$@" >/dev/null &
    id=
    within 20 newer_job "$before"
    within 90 grep -q "worker: job $id, task 0, attempt 1: " "$work/lend.err"
    said=$(sed -n "s/.*worker: job $id, task 0, attempt 1: //p" "$work/lend.err" | head -n 1)
    if grep -qxE "$reason" <<<"$said"; then ok "bombs: $name: $said"; else bad "bombs: $name" "wanted $reason, got $said"; fi
    rows+=("| bombs | $name | ended: ${reason%%|*} | $why |")
    "$sublet" --key thief job cancel "$id" >/dev/null 2>&1 || kill $!
    wait $!
    equal "bombs: $name: nothing is paid" 0 "$("$sublet" --json job status "$id" | jq -r .job.paid)"
}
newer_job() {
    id=$(newest_job thief | grep -vx null) && [ "$id" != "$1" ] && id=${id//\"/}
}
ended "fill memory" "it ran out of memory|exit code 137" "memory limit without swap" --output-max 16Mi -- /attack memory
ended "a result larger than it may be" "it wrote more than the package's output_max_bytes" "looked at once a second" --output-max 16Mi -- \
    /busybox sh -c 'i=0; while /busybox [ $i -lt 60 ]; do /busybox dd if=/dev/zero of=out/$i bs=1M count=1; i=$((i + 1)); done; /busybox sleep 20'
ended "a result of 200000 files" "it wrote more than the package's output_max_bytes" "an archive has 100000 entries at most" --output-max 16Mi -- \
    /busybox sh -c '/rogue inodes out 200000; /busybox sleep 20'
cores=1 ended "a million empty files elsewhere" "it made more than 200000 files outside of /task/out" "counted once a second" -- \
    /busybox sh -c '/busybox mkdir /many; /rogue inodes /many 1000000; /busybox sleep 20'
ended "run without end" "its time is up" "the job's time for a task" --timeout 10 -- /busybox sleep 999

# on a small disk: 230 MB more than what stays free
must "the agent stops" stop lend
truncate -s 1400M "$work/disk"
{ mkfs.ext4 -q -m 0 "$work/disk" && mount -o loop "$work/disk" "$work/lend/jobs"; } 2>"$work/mount.err" || skip "no disk can be mounted here: $(tail -n 1 "$work/mount.err")"
cleanup+=("umount -l '$work/lend/jobs'")
must "and starts on a small disk" start_lend
ended "fill the disk by files that it removed" "the disk of this worker is nearly full" "1 GiB and 100000 files stay free" --output-max 16Mi -- \
    /rogue ghosts out 22

# ── what a task left is not there for the next one, of whoever
batch thief --in "$work/in" --out "$work/left" "${given[@]}" -- /busybox sh -c "/busybox sh /attempts.sh left >/out.rows; cp /out.rows out/rows" >"$work/left.json"
judge "left behind" "$work/left/rows"
no_tasks_run() { [ -z "$(engine ps -aq --filter label=sublet.agent="${instances[0]}-jobs")" ]; }
check "no container of a task stays" within 20 no_tasks_run
equal "nor a process of one" "" "$(pgrep -fx 'sleep 999')"

# ── the table
table_in "| | attempt | answer | what stops it |" "${six:+compare}" "${rows[@]}"
check "the agent stops" stop lend
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}-jobs")"
[ $failures = 0 ]
