#!/usr/bin/env bash
# batch.sh: 200 tasks that do nothing over two providers with one slot each: what a task costs beyond its container, which is measured
# in the same run on the same engine.
set -uo pipefail
exec 3>&1 1>&2
SUBLET=${SUBLET:-$PWD/build/release/sublet}
# shellcheck source=../test/e2e/lib/common.sh
. test/e2e/lib/common.sh
tasks=${SUBLET_BENCH_TASKS:-200}
result() { jq -cn --argjson fields "$1" '$fields' >&3; }
"$root/images/build.sh" web >&2 || exit 1
network_files
must "the node starts" start_node
must "a provider starts" start_lend
must "a second provider starts" start_second_lend

now_ms() { echo $(($(date +%s%N) / 1000000)); }
batch() { "$sublet" --json batch --yes --image sublet/web:1 --pay 0.001 --cores 0.5 --memory 64Mi --array "1-$1" --out "$work/out" -- /bin/busybox true; }
batch 12 >/dev/null 2>&1  # both are known workers afterwards
# The engine's own time for such a container, two at a time as the providers run them: made, started, ended, removed.
containers_ms() {
    local begun i both=()
    begun=$(now_ms)
    for _ in 1 2; do
        for ((i = 0; i < 20; i++)); do
            engine run --rm --network none --cpus 0.5 --memory 64m --label "sublet.agent=${instances[0]}" --entrypoint /bin/busybox docker.io/sublet/web:1 true
        done >/dev/null 2>&1 &
        both+=($!)
    done
    wait "${both[@]}"
    echo $((($(now_ms) - begun) / 20))
}
before=$(containers_ms)
begun=$(now_ms)
done=$(batch "$tasks" 2>/dev/null)
took=$(($(now_ms) - begun))
after=$(containers_ms)
stop lend2
[ "$(jq .job.accepted <<<"$done")" = "$tasks" ] || { bad "the job is not done" "$done"; exit 1; }
own=$(((before + after) / 2))
result "$(jq -n --argjson took "$took" --argjson own "$own" --argjson n "$tasks" '{
    name: "batch: a task beyond its container, two providers", value: ($took * 2 / $n - $own), unit: "ms",
    against: "a container: made, run, removed", against_value: $own, ratio: (($took * 2 / $n - $own) / $own), goal: 150,
    goal_of: "value", better: "lower"}')"
