#!/usr/bin/env bash
# audits.sh: what audits cost in the long run, Blender's starts included: one worker with a good record renders, six drawn providers audit what
# falls to them, and the processor's time of the containers of both is counted by the kernel. Also: a new worker's first thirty results.
set -uo pipefail
exec 3>&1 1>&2
SUBLET=${SUBLET:-$PWD/build/release/sublet}
# shellcheck source=../test/e2e/lib/common.sh
. test/e2e/lib/common.sh
frames=${SUBLET_BENCH_FRAMES:-48}
samples=${SUBLET_BENCH_SAMPLES:-40}
scene=${SUBLET_BENCH_SCENE:-room}
floor=${SUBLET_BENCH_FLOOR:-0.143}
result() { jq -cn --argjson fields "$1" '$fields' >&3; }
none() { result "{\"name\": \"audits: work done again in the long run\", \"value\": null, \"unit\": \"$1\"}"; exit 0; }
"$root/images/build.sh" web >&2 && "$root/images/build.sh" blender >&2 || none "no image here"
accounting=/sys/fs/cgroup/cpuacct
[ -f $accounting/cpuacct.usage ] || none "no cgroup v1 accounting here"

network_files
must "the node starts" start_node
must "a provider starts" start_lend
check "it audits no render" "$sublet" lend stake 50 --engines batch --key lender
for number in 2 3 4 5 6 7; do
    must "provider $number starts" start_another_lend "$number" 60
    check "and puts 50 credits at stake" "$sublet" lend stake 50 --key "lender$number"
    check "it only audits" "$sublet" lend pause --data "$work/lend$number"
done

# The last word of each container's usage; what runs between the last look and its end, a tenth of a second, is missed.
count_cpu() { # FILE: "ID nanoseconds", the newest last
    local each
    while :; do
        for each in "$accounting"/libpod_parent/libpod-[0-9a-f]*/cpuacct.usage; do
            [ -f "$each" ] && echo "$(basename "${each%/cpuacct.usage}") $(cat "$each")"
        done 2>/dev/null
        sleep 0.1
    done >"$1"
}
# Which agent's each container is, and of which job, as long as it is there.
name_containers() { # FILE
    while :; do
        engine ps -a --no-trunc --format '{{.ID}} {{index .Labels "sublet.agent"}}' 2>/dev/null
        sleep 1
    done >"$1"
}
cpu_of() { # PREFIX INSTANCE…: seconds
    local prefix=$1
    shift
    sort -u "$prefix.names" | awk -v wanted=" $* " 'NR == FNR { if (index(wanted, " " $2 " ")) mine["libpod-" $1] = 1; next }
        $1 in mine && $2 > most[$1] { most[$1] = $2 } END { for (id in most) sum += most[id]; printf "%.3f", sum / 1e9 }' - "$prefix.cpu"
}
worker="$(instance_of "$work/lend")-jobs"
auditors=()
for number in 2 3 4 5 6 7; do auditors+=("$(instance_of "$work/lend$number")-jobs"); done

cp bench/scenes.py "$work/scenes.py"
engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
    blender -b --factory-startup --python-exit-code 1 --python /scratch/scenes.py -- "$scene" "/scratch/$scene.blend" >"$work/make.log" 2>&1
must "the scene is made" [ -s "$work/$scene.blend" ]

passes() { "$sublet" --json lend standing lender | jq -r .passes; }
"$sublet" --json batch --yes --image sublet/web:1 --pay 0.001 --cores 0.2 --memory 64Mi --timeout 60 --audit whole --audit-floor 1 --array 1-30 \
    --out "$work/record" -- /bin/busybox sh -c "echo \$TASK >out/\$TASK" >"$work/record.out" 2>"$work/record.err"
echo "the worker's record: $(passes) results in a row were right"

count_cpu "$work/all.cpu" &
counting=$!
name_containers "$work/all.names" &
naming=$!
cleanup+=("kill $counting $naming 2>/dev/null")
done=$("$sublet" --json render --yes "$work/$scene.blend" --frames "1-$frames" --samples "$samples" --scale 300 --memory 1Gi --timeout 600 \
    --pay 0.01 --audit crops --audit-floor "$floor" --out "$work/frames" 2>"$work/render.err")
tail -n 3 "$work/render.err"
kill $counting $naming 2>/dev/null
id=$(jq -r .job.id <<<"$done")
audits=$("$sublet" --json job disputes --all "$id" | jq '.audits | length')
seats=$("$sublet" --json job disputes --all "$id" | jq '[.audits[].seats[]] | length')
work_s=$(cpu_of "$work/all" "$worker")
audit_s=$(cpu_of "$work/all" "${auditors[@]}")
paid=$(jq -r '.job | "\(.paid)"' <<<"$done")
echo "$(jq -r '"\(.job.state) \(.job.accepted)"' <<<"$done"): $work_s s of work, $audit_s s of audits; $audits results audited by $seats; $paid ucredit paid in all"
[ "$seats" -gt 0 ] || none "nothing was drawn"
result "$(jq -n --argjson work "$work_s" --argjson audit "$audit_s" --argjson frames "$frames" --argjson audits "$audits" --argjson seats "$seats" '{
    name: "audits: work done again in the long run", value: (100 * $audit / $work * 1000 | round / 1000),
    unit: "% of the frames, Blender started anew included: \($audits) of \($frames) results of \($work / $frames * 10 | round / 10) s each, \($seats) looked",
    against: "goal", against_value: 2.5, ratio: (100 * $audit / $work / 2.5), goal: 1, goal_of: "ratio", better: "lower"}')"
result "$(jq -n --argjson work "$work_s" --argjson audit "$audit_s" --argjson frames "$frames" --argjson seats "$seats" '{
    name: "audits: one look at a frame", value: (100 * ($audit / $seats) / ($work / $frames) * 100 | round / 100),
    unit: "% of a frame, with its share of Blenders started", goal: null}')"
