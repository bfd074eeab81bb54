#!/usr/bin/env bash
# strangers.sh: data of people who mean harm, between real agents and real clients: a worker's results against their creator. The agent is
# killed while its task runs, finds another result in its folder, and commits to that: cage/results.py makes them.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
export PYTHONDONTWRITEBYTECODE=1

[ -x /bin/busybox ] || skip "there is no /bin/busybox here (apt-get install busybox-static)"
# shellcheck source=../../images/engine.sh
(. "$root/images/engine.sh" && engine_configure "$work/images") || skip "podman cannot be configured"
image=docker.io/sublet/strangers-$$:1
mkdir "$work/image" && cp /bin/busybox "$work/image"
cat >"$work/image/Containerfile" <<'FILE'
FROM scratch
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox ln -s busybox /bin/sh; printf '#!/bin/sh\nexec /bin/busybox sleep 300\n' >/bin/blender; /bin/busybox chmod 755 /bin/blender"]
FILE
CONTAINERS_CONF=$work/images/containers.conf BUILDAH_ISOLATION=chroot timeout 120 podman build -q --label sublet.test=1 -t "$image" "$work/image" >"$work/build.log" 2>&1 ||
    skip "the image cannot be built: $(tail -n 1 "$work/build.log")"
cleanup+=("podman rmi -f $image >/dev/null 2>&1")
network_files
must "the node starts" start_node
must "a provider starts" start_lend

job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
newest_job() { job ls | jq -r '[.jobs[].id | tonumber] | max // 0'; }
newer_job() { [ "$(newest_job)" -gt "$1" ]; }
runs() { [ -n "$(engine ps -q --filter "label=sublet.agent=${instances[0]}-jobs" --filter "label=sublet.lease=job-$job_id")" ]; }
printf 'BLENDER-v304REND' >"$work/any.blend"
job_id=0
# result KIND NAME WORDS [VERB OPTION…]: the client ends with a failure and these words, nothing is approved and nothing got out.
result() {
    local kind=$1 name=$2 words=$3 creator folder status before
    shift 3
    [ $# -gt 0 ] || set -- batch --image "$image" --cores 0.2 --output-max 1Mi --out "$work/$kind" -- /bin/busybox sleep 300
    "$sublet" --json "$1" --yes --pay 0.001 --memory 64Mi "${@:2}" >/dev/null 2>>"$work/batch.err" &
    creator=$!
    within 20 newer_job "$job_id" && job_id=$(newest_job)
    folder=$work/lend/jobs/$job_id/0-1
    if ! within 20 runs; then bad "$name: a task runs" "$(tail -n 2 "$work/batch.err")"; return; fi
    kill_hard lend
    kill -KILL $creator
    wait $creator 2>/dev/null
    mkdir -p "$folder"
    python3 "$here/cage/results.py" "$kind" "$folder" 1048576
    [ "$kind" != withheld ] || rm "$folder/result.tar"
    if ! start_lend; then bad "$name: the agent comes back" "$(tail -n 2 "$work/lend.err")"; return; fi
    before=$(df --output=used -k "$work" | tail -n 1)
    timeout 60 "$sublet" job watch --no-approve "$job_id" >"$work/watch.out" 2>"$work/watch.err"
    status=$?
    equal "$name: the command ends with a failure" 1 $status
    contains "$name: and says why" "$words" "$(cat "$work/watch.err" "$work/watch.out")"
    equal "$name: nothing of it speaks to the terminal" "" "$(tr -d '\t\n\40-\176\200-\377' <"$work/watch.err" | od -An -c)"
    equal "$name: nothing is paid" 0 "$(job status "$job_id" | jq -r .job.paid)"
    equal "$name: nothing is where results go" "" "$(find "$work/$kind" -type f -not -path "*/refused/*" 2>/dev/null)"
    check "$name: the disk is as it was" [ $(($(df --output=used -k "$work" | tail -n 1) - before)) -lt 50000 ]
    job cancel "$job_id" >/dev/null
}

result up "a name with ../" "not a name"
result absolute "an absolute name" "not a name"
result link "a link" "is a link or a device"
result through-a-link "a file through a link" "is a link or a device"
result hard-link "a hard link" "is a link or a device"
result device "a device" "is a link or a device"
result pipe "a pipe" "is a link or a device"
result twice "a name that is there twice" "there twice"
result terminal "a name that steers a terminal" "not a name"
result setuid "a setuid program" "not in the form"
result ten-gigabytes-said "a file that says it has 10 GB" "bytes together"
result many "100,001 empty files" "sends more than a result may have"
result compressed "a compressed archive" "cannot be read"
result zip "a zip bomb" "cannot be read"
result ten-gigabytes "a result of 10 GB" "sends more than a result may have"
result other "another result than was committed to" "is not the result that it committed to"
frame() { result "$1" "$2" "$3" render "$work/any.blend" --no-preflight --image "$image" --format "${4:-PNG}" --frames 1-1 --output-max 1Mi --out "$work/$1"; }
frame png "a picture of 100,000 x 100,000" "100000 x 100000 pixels"
frame text "a text that is called a picture" "is no"
frame exr "an OpenEXR file with a broken header" "0001.exr" OPEN_EXR
equal "nothing got out" "" "$(find /tmp/sublet-escaped "$work" "$work/.." -maxdepth 1 -name '*escaped*' 2>/dev/null)"
check "the agent stops" stop lend
[ $failures = 0 ]
