#!/usr/bin/env bash
# verify.sh: pictures of a real Blender compared by `sublet job verify`, crops of the audit turn held against whole frames, and what preflight says
# of scenes whose crops cannot be compared. No network: nothing is rented.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
instances+=("$(instance_of "$SUBLET_HOME")-preflight")
network_files

blender() { # ARGUMENT…: plain Blender in the same image, $work under its own name
    engine run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --label "sublet.agent=${instances[0]}" \
        -v "$work:$work" "${mounts[@]}" docker.io/sublet/blender:3.4 blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
mounts=()
cp "$here/files/swing.py" "$root/bench/scenes.py" "$work"
blender --python-exit-code 1 --python "$work/swing.py" -- "$work/swing.blend" >"$work/make.log" 2>&1
must "a scene is made" [ -s "$work/swing.blend" ]
blender --python-exit-code 1 --python "$work/scenes.py" -- chaos "$work/chaos.blend" >>"$work/make.log" 2>&1
must "and one that no two kernels agree about" [ -s "$work/chaos.blend" ]

# --- the audit turn of render.py, in a session as a worker's container has it
awk '/R"py\(/ { on = 1; sub(/.*R"py\(/, "") } /^\)py";/ { on = 0 } on' "$root/src/jobs/render_script.cpp" >"$work/render.py"
session() { # NAME PLAN: turns are in $work/NAME/todo
    mkdir -p "$work/$1/in/scene" "$work/$1/out"
    cp "$work/swing.blend" "$work/$1/in/scene"
    cp "$work/render.py" "$work/$1/in"
    printf '%s' "$2" >"$work/$1/in/plan.json"
    mounts=(-v "$work/$1/in:/task/in:ro" -v "$work/$1/out:/task/out" -v "$work/$1/todo:/task/todo:ro")
    blender -t 1 /task/in/scene/swing.blend --python-exit-code 1 --python /task/in/render.py >"$work/$1.log" 2>&1
    mounts=()
}
turn() { # NAME NUMBER WORDS [CROPS]
    mkdir -p "$work/$1/todo"
    [ -z "${4:-}" ] || printf '%s' "$4" >"$work/$1/todo/$2.crops"
    printf '%s\n' "$3" >"$work/$1/todo/$2"
}
plan='{"format": "PNG", "samples": 16, "scale": 200, "still": null, "audit": true}'
turn frames 1 "0 5"
turn frames 2 "1 5 crops" '[[0, 0, 32, 32], [96, 40, 32, 32], [50, 20, 16, 8]]'
turn frames 3 "2 6"
turn frames 4 "3 5 crops" '[[100, 0, 32, 32]]'
turn frames 5 "4 5"
turn frames 6 end
check "a session renders frames and crops in turn, and ends" session frames "$plan"
equal "turn by turn" "0 0 0 1 0" "$(cat "$work"/frames/out/{0,1,2,3,4}.done | sed 's/./& /g; s/ $//')"
contains "a crop beside the picture is refused with a sentence" "crop 0 is not within the picture" "$(cat "$work/frames/out/3.log")"
equal "three crops are there" "crop-0.png crop-1.png crop-2.png" "$(find "$work/frames/out/1" -type f -printf '%f\n' | sort | tr '\n' ' ' | sed 's/ $//')"
cut() { # FRAME X Y W H OUT, with Blender's own eyes
    blender --python-exit-code 1 --python-expr "
import bpy
whole = bpy.data.images.load('$1')
width, height = whole.size
x, y, w, h = $2, height - $3 - $5, $4, $5
pixels = whole.pixels[:]
made = bpy.data.images.new('made', w, h, alpha=True)
made.pixels = [value for row in range(y, y + h) for value in pixels[(row * width + x) * 4:(row * width + x + w) * 4]]
made.file_format, made.filepath_raw = 'PNG', '$6'
made.save()" >"$work/cut.log" 2>&1
}
cut "$work/frames/out/0/0005.png" 96 40 32 32 "$work/place.png"
check "a crop has the very pixels that the frame has there" "$sublet" job verify "$work/frames/out/1/crop-1.png" --against "$work/place.png"
check "a frame after crops is the frame before them" "$sublet" job verify "$work/frames/out/0" --against "$work/frames/out/4"

# --- folders
mkdir -p "$work/theirs/sub" "$work/own/sub"
cp "$work/frames/out/0/0005.png" "$work/theirs"
cp "$work/frames/out/0/0005.png" "$work/own"
cp "$work/frames/out/0/0005.png" "$work/theirs/sub/0006.png"
cp "$work/frames/out/2/0006.png" "$work/own/sub"
said=$("$sublet" job verify "$work/theirs" --against "$work/own" --picture "$work/where.html")
equal "another frame under a frame's name ends with 1" 1 $?
contains "which is said" "sub/0006.png  fail" "$said"
contains "and how many are right" "1 of 2 pictures are the same, as compare/1 sees it" "$said"
check "a page shows where" grep -q "data:image/png;base64" "$work/where.html"
json=$("$sublet" --json job verify "$work/theirs" --against "$work/own" --picture "$work/where.png")
equal "JSON says the same" "false pass fail" "$(jq -r '"\(.same) \(.pictures[0].verdict) \(.pictures[1].verdict)"' <<<"$json")"
check "a picture shows it too" [ -s "$work/where.png" ]
"$sublet" job verify "$work/theirs" --against "$work/nothing" >/dev/null 2>&1
equal "a folder that is not there is a mistake of usage" 2 $?

# --- before it is paid
look() { "$sublet" --json render "$work/$1.blend" --check --auditable --frames 1-3 "${@:2}" 2>>"$work/look.err"; }
rules() { jq -r '[.preflight.findings[] | "\(.severity) \(.rule)"] | unique | join(", ")'; }
found=$(look swing)
equal "a scene can be audited" "0 " "$? $(rules <<<"$found")"
found=$(look chaos)
equal "one that kernels disagree about is unstable" "0 warning unstable" "$? $(rules <<<"$found")"
found=$(look swing --format JPEG)
equal "JPEG is not compared" "1 error audit" "$? $(rules <<<"$found")"
nothing_stays() { [ -z "$(find "$SUBLET_HOME/jobs" -mindepth 1 -maxdepth 1 2>/dev/null)" ]; }
check "nothing of it stays in the home folder" nothing_stays
[ $failures = 0 ]
