#!/usr/bin/env bash
# render.sh: `sublet render` with a real Blender: every frame is the one that plain Blender makes, bit for bit, whoever rendered it, also
# when a worker is killed between; scenes that no worker can read are refused before anything is paid.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
frames=6
network_files
must "the node starts" start_node
must "a provider starts" start_lend

blender() { # ARGUMENT…: plain Blender in the same image, $work at /scratch
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
mkdir -p "$work/plain"
cp "$here/files/swing.py" "$work/swing.py"
blender --python-exit-code 1 --python /scratch/swing.py -- /scratch/swing.blend >"$work/make.log" 2>&1
must "the project's animated scene is made" [ -s "$work/swing.blend" ]
blender -t 1 /scratch/swing.blend -o '//plain/####' -s 1 -e $frames -a >"$work/plain.log" 2>&1
equal "plain Blender renders it" $frames "$(find "$work/plain" -name '*.png' | wc -l)"

# The pixels; the files' own texts hold dates and times.
pixels() { # FOLDER
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$1:/pixels" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --python-expr "
import bpy, hashlib, pathlib
for file in sorted(pathlib.Path('/pixels').glob('*.png')):
    image = bpy.data.images.load(str(file))
    print('pixels', file.name, *image.size, hashlib.sha256(bytes(str(image.pixels[:]), 'ascii')).hexdigest())" 2>/dev/null | grep '^pixels'
}

render() { "$sublet" --json render --yes "$work/swing.blend" --pay 0.01 --memory 1Gi "$@" 2>>"$work/render.err"; }
done=$(render --frames 1-$frames --out "$work/frames" --report)
equal "a job of $frames frames is done" $frames "$(jq -r .job.accepted <<<"$done")"
equal "the report names each frame's file" $frames "$(jq '[.results[].files[] | select(endswith(".png"))] | length' "$work/frames/report.json")"
equal "its page shows each" $frames "$(grep -c '<img loading=lazy src="./000' "$work/frames/report.html")"
pixels "$work/plain" >"$work/plain.pixels"
pixels "$work/frames" >"$work/frames.pixels"
equal "no two frames are alike" $frames "$(cut -d ' ' -f 5 "$work/plain.pixels" | sort -u | wc -l)"
check "names and pixels are plain Blender's" diff "$work/plain.pixels" "$work/frames.pixels"

# --- a worker dies in the middle, a second one is there
must "a second provider starts" start_second_lend
render --frames 1-$frames --samples 64 --out "$work/more" >"$work/more.out" &
creator=$!
within 30 bash -c "'$sublet' --json job ls 2>/dev/null | jq -e '.jobs[0].active == 2'" || bad "both providers render"
kill_hard lend
must "the first provider is back after kill -9" start_lend
wait "$creator"
equal "the job is done all the same" 0 $?
job_id=$(jq -r .job.id "$work/more.out")
equal "by both" 2 "$("$sublet" --json job status --all "$job_id" | jq '[.tasks[].worker] | unique | length')"
equal "each frame was paid once" $((frames * 10000)) "$(jq -r .job.paid "$work/more.out")"
blender -t 1 /scratch/swing.blend \
    --python-expr 'import bpy; bpy.context.scene.cycles.samples = 64' -o '//plain64/####' -s 1 -e $frames -a >"$work/plain64.log" 2>&1
pixels "$work/plain64" >"$work/plain64.pixels"
pixels "$work/more" >"$work/more.pixels"
check "names and pixels are plain Blender's again" diff "$work/plain64.pixels" "$work/more.pixels"

# --- what is refused before anything is paid
before=$(balance tenant)
printf 'BLENDER-v402REND' >"$work/newer.blend"
"$sublet" render --yes "$work/newer.blend" --pay 0.01 >"$work/newer.out" 2>&1
equal "a scene of a newer Blender is refused" 2 $?
contains "and told what to do" "written by Blender 4.2; workers have 3.4" "$(cat "$work/newer.out")"
"$sublet" render --yes "$work/swing.py" --pay 0.01 >"$work/none.out" 2>&1
equal "what is no scene is refused" 2 $?
equal "nothing was paid for that" "$before" "$(balance tenant)"

# --- a scene that cannot be rendered fails with what Blender said
blender --python-expr 'import bpy; bpy.context.scene.camera = None; bpy.ops.wm.save_as_mainfile(filepath="/scratch/blind.blend")' >/dev/null 2>&1
"$sublet" --json render --yes --no-preflight "$work/blind.blend" --pay 0.01 --out "$work/blind" >"$work/blind.out" 2>"$work/blind.err" &
creator=$!
job_id=
both_failed() { job_id=$("$sublet" --json job ls | jq -r '.jobs[0].id') && "$sublet" --json job status "$job_id" | jq -e '.tasks[0].tried | length == 2'; }
check "a scene without a camera fails on both" within 60 both_failed
"$sublet" job cancel "$job_id" >/dev/null 2>&1
wait "$creator"
equal "nothing is paid for it" 0 "$("$sublet" --json job status "$job_id" | jq -r .job.paid)"
stop lend2
[ $failures = 0 ]
