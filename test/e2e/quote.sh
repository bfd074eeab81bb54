#!/usr/bin/env bash
# quote.sh: with a real Blender: providers find how fast they are, two that are drawn find how much work an animation is, its creator takes the
# quote, and every frame is paid by its work, within it; a budget that does not do stops the job until there is more.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files 'jobs.benchmark_image = "docker.io/sublet/blender:3.4"'
must "the node starts" start_node
must "a provider starts" start_lend
must "a second provider starts" start_second_lend
rates() { curl -fsSG --max-time 5 "$SUBLET_NODE/tx_search" --data-urlencode 'query="sublet.job.rate_posted.engine='"'blender-3.4-cpu'"'"' | jq -e ".result.total_count | tonumber >= $1"; }
must "both find how fast they are" within 180 rates 2
echo "rates: $(curl -fsSG --max-time 5 "$SUBLET_NODE/tx_search" --data-urlencode 'query="sublet.job.rate_posted.engine='"'blender-3.4-cpu'"'"' |
    jq -c '[.result.txs[].tx_result.events[] | select(.type == "sublet.job.rate_posted") | .attributes[] | select(.key == "rate") | .value]')"
equal "the benchmark leaves nothing" "" "$(engine ps -aq --filter "label=sublet.agent=${instances[0]}-jobs")"

blender() { # ARGUMENT…: plain Blender in the same image, $work at /scratch
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
# Frames that are the dearer the later they come: a sphere of glass fills more and more of them.
cat >"$work/grow.py" <<'PY'
import bpy
scene = bpy.context.scene
ball = bpy.data.objects["Sphere"]
for frame, size in ((1, 0.2), (12, 4)):
    ball.scale = (size,) * 3
    ball.keyframe_insert("scale", frame=frame)
scene.cycles.samples = 256
scene.render.resolution_x, scene.render.resolution_y = 96, 54
bpy.ops.wm.save_as_mainfile(filepath="/scratch/grow.blend")
PY
cp "$here/files/swing.py" "$work/swing.py"
blender --python-exit-code 1 --python /scratch/swing.py -- /scratch/swing.blend >"$work/make.log" 2>&1
blender /scratch/swing.blend --python-exit-code 1 --python /scratch/grow.py >>"$work/make.log" 2>&1
must "the scene is made" [ -s "$work/grow.blend" ]

before=$(balance tenant)
render() { "$sublet" --json render --yes "$work/grow.blend" --memory 1Gi "$@" 2>>"$work/render.err"; }
done=$(render --frames 1-12 --price 36 --out "$work/frames" --report)
equal "a job is done for a quote" 12 "$(jq -r .job.accepted <<<"$done")"
job=$(jq -r .job.id <<<"$done")
equal "two providers found its work" 2 "$(jq '.job.probes | length' <<<"$done")"
check "the last frame is more work than the first" jq -e '(.job.work[-1] | tonumber) > 1.2 * (.job.work[0] | tonumber)' <<<"$done"
tasks=$("$sublet" --json job status --all "$job")
check "and is paid more" jq -e '.tasks | sort_by(.index) | (.[-1].pay | tonumber) > (.[0].pay | tonumber)' <<<"$tasks"
equal "its pay is price times work, a hundredth of a credit for each unit" "$(jq -r '.job.work[-1] | tonumber * 10' <<<"$tasks")" "$(jq -r '.tasks | sort_by(.index)[-1].pay' <<<"$tasks")"
# Who is more than a quarter off is not paid, which happens on a machine that is busy with something else.
agree=$(jq '(.job.work | map(tonumber) | add) as $chosen |
    [.job.probes[].work | map(tonumber) | add | select(([., $chosen] | max * 4) <= ([., $chosen] | min * 5))] | length' <<<"$tasks")
check "the one that counts is paid" [ "$agree" -ge 1 ]
equal "what was paid is the frames and the probes" "$(jq -r '.job.paid' <<<"$tasks")" \
    "$(jq '([.tasks[].pay | tonumber] | add) + $agree * (.job.probe_pay | tonumber)' --argjson agree "$agree" <<<"$tasks")"
check "the money is where the ledger says" jq -e --argjson gone $((before - $(balance tenant))) '$gone >= (.job.paid | tonumber)' <<<"$tasks"

# --- a budget that does not do
most=$(jq -r '.job.pay_cap' <<<"$tasks")
budget=$((most * 22 / 10))ucredit
"$sublet" --json render --yes "$work/grow.blend" --memory 1Gi --frames 1-12 --price 36 --budget "$budget" --out "$work/tight" >"$work/tight.out" 2>"$work/tight.err" &
creator=$!
used_up() { "$sublet" --json job ls | jq -e '.jobs[0] | (.accepted // 0) > 0 and (.active // 0) == 0'; }
check "some frames are done, then the budget is used up" within 120 used_up
contains "which is said" "budget used up" "$("$sublet" job ls)"
second=$("$sublet" --json job ls | jq -r '.jobs[0].id')
check "what is done is there" [ -n "$(find "$work/tight" -name '*.png')" ]
lacks=$("$sublet" --json job status "$second" | jq '.job | ((.needed | tonumber) - ((.deposited | tonumber) - (.paid | tonumber) - (.refunded // 0 | tonumber) - (.bound // 0 | tonumber))) ')ucredit
check "more money comes" "$sublet" job fund "$second" "$lacks"
wait "$creator"
equal "and the job is done" 0 $?
equal "whole" 12 "$(jq -r .job.accepted "$work/tight.out")"

# --- a quote that is not taken
"$sublet" --json render --yes "$work/grow.blend" --memory 1Gi --frames 1-2 --price 36 --budget 0.000001 --out "$work/no" >"$work/no.out" 2>&1
equal "a budget below the dearest frame is refused" 2 $?
contains "with what it may cost" "does not do for the dearest task" "$(cat "$work/no.out")"
third=$(($(jq -r .job.id "$work/tight.out") + 1))
equal "and the job is over" cancelled "$("$sublet" job status "$third" | sed -n 's/^job [0-9]*  blender  //p')"
stop lend2
[ $failures = 0 ]
