#!/usr/bin/env bash
# preflight.sh: what a real Blender finds in scenes that have a fault each before anything is paid, what it packs, and that the packed
# scenes are rendered elsewhere with the pixels that plain Blender makes where they came from.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
scenes=$work/scenes
mkdir -p "$scenes" "$work/outside" "$work/plain"
instances+=("$(instance_of "$SUBLET_HOME")-preflight")
network_files

blender() { # ARGUMENT…: plain Blender in the same image, $work under its own name
    engine run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 --label "sublet.agent=${instances[0]}" \
        -v "$work:$work" docker.io/sublet/blender:3.4 blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
cp "$here/files/swing.py" "$here/files/faulty.py" "$work"
blender --python-exit-code 1 --python "$work/swing.py" -- "$scenes/swing.blend" >"$work/make.log" 2>&1
must "the scene without a fault is made" [ -s "$scenes/swing.blend" ]
blender --python-exit-code 1 --python "$work/faulty.py" -- "$scenes" "$work/outside" >>"$work/make.log" 2>&1
must "and scenes with one each" [ -s "$scenes/foreign.blend" ]
mkdir -p "$SUBLET_HOME/jobs/preflight-old/out"  # of a run that was killed
touch -d '2 hours ago' "$SUBLET_HOME/jobs/preflight-old"
contents() { find "$scenes" -type f -print0 | sort -z | xargs -0 sha256sum; }
contents >"$work/before"

# look SCENE OPTION…: its answer in JSON; fails as the program does.
look() {
    local scene=$1
    shift
    "$sublet" --json render "$scenes/$scene.blend" --check --frames "${frames:-1-3}" "$@" 2>>"$work/look.err"
}
# finds SCENE STATUS RULES OPTION…: exactly these, "severity rule" with commas, each once; its answer stays in $found.
finds() {
    local scene=$1 status=$2 rules=$3
    shift 3
    found=$(look "$scene" "$@")
    equal "$scene${*:+ $*}: ends with $status and finds \"$rules\"" "$status $rules" \
        "$? $(jq -r '[.preflight.findings[] | "\(.severity) \(.rule)"] | unique | join(", ")' <<<"$found")"
}
says() { contains "$1" "$2" "$(jq -c .preflight.findings <<<"$found")"; }

finds swing 0 ""
equal "it knows the scene" "CYCLES PNG 64 36 4 1 24 false" \
    "$(jq -r '.preflight | .facts as $f | "\($f.engine) \($f.format) \($f.width) \($f.height) \($f.samples) \($f.frame_start) \($f.frame_end) \(.packed)"' <<<"$found")"
check "and about what memory it takes" jq -e '.preflight.facts.memory_bytes | . > 200000000 and . < 500000000' <<<"$found"
finds relative 0 "note packed"
equal "a copy with the picture in it is made" true "$(jq -r .preflight.packed <<<"$found")"
finds absolute 0 "note absolute-path, note packed"
says "by its path" "$scenes/pictures/floor.png"
finds outside 1 "error missing"
finds outside 0 "note absolute-path, note packed" --assets "$work/outside"
ln -s "$scenes/relative.blend" "$work/outside/link.blend"
finds ../outside/link 1 "error missing"
says "as Blender reads a path beside a link" "$work/outside/pictures/floor.png"
finds missing 1 "error missing"
says "by its path" "$scenes/pictures/gone.png"
equal "nothing is packed where something stops the job" false "$(jq -r .preflight.packed <<<"$found")"
finds secret 1 "error unreadable"
finds sequence 0 "note sequence"
finds library 0 "note library, note packed"
finds parts/lost 1 "error missing"
says "by its path" "$scenes/parts/nowhere.blend"
finds unlinked 1 "error missing, note library"
says "what the library lacks" roof
finds override 1 "error override, note library"
for simulated in cloth soft_body particle_system fluid dynamic_paint rigid; do finds $simulated 1 "error unbaked"; done
finds baked 0 ""
finds disk 0 "note beside"
finds simple 0 ""
finds driver 1 "error driver"
says "with its expression" 'len(str(frame))'
finds script 0 "warning script"
finds eevee 1 "error engine"
finds workbench 1 "error engine"
finds engine 1 "error engine"
finds foreign 1 "error add-on"
finds denoised 1 "error denoiser"
finds blind 1 "error camera"
finds video 1 "error video"
finds video 0 "" --format PNG
frames=20-30 finds swing 0 "warning frames"
finds swing 0 "warning memory" --memory 200Mi
finds swing 1 "error memory" --memory 32Mi
head -c 60000 "$scenes/swing.blend" >"$work/scenes/torn.blend"
finds torn 1 "error unreadable"
rm "$work/scenes/torn.blend"
contents >"$work/after"
check "no file of the creator's was touched" diff "$work/before" "$work/after"
text=$("$sublet" render "$scenes/missing.blend" --check 2>&1)
contains "people are told what stops it" "1 finding stops the job" "$text"
contains "and what mends it" "mend: put it there" "$text"

# --- where Blender cannot look, it says so and goes on
unseen() { # NAME WHY COMMAND…
    local name=$1 why=$2
    shift 2
    found=$("$@" 2>>"$work/look.err")
    equal "$name: only the header was looked at, and that is no failure" "0 false" "$? $(jq -r .looked <<<"$found")"
    contains "$name: it says why" "$why" "$(jq -r .why_not <<<"$found")"
}
unseen "another image" "there is no image docker.io/sublet/none:1 on this machine; \`images/build.sh blender\`" \
    look missing --image docker.io/sublet/none:1
unseen "--no-preflight" "--no-preflight says so" look missing --no-preflight
podman=$(command -v podman)
without_engine() { unshare -m sh -c 'mount --bind /dev/null "$0" && mount -t tmpfs none /run && exec "$@"' "$podman" "$@"; }
if without_engine true 2>"$work/unshare.err"; then
    unseen "no engine" "podman is not installed" \
        without_engine env -u CONTAINER_HOST -u DOCKER_HOST "$sublet" --json render "$scenes/missing.blend" --check
else
    echo "skip preflight: no engine: $(cat "$work/unshare.err")"
fi

# --- what was packed is rendered elsewhere
must "the node starts" start_node
must "a provider starts" start_lend
pixels() { # FOLDER
    blender --python-expr "
import bpy, hashlib, pathlib
for file in sorted(pathlib.Path('$1').glob('*.png')):
    image = bpy.data.images.load(str(file))
    print('pixels', file.name, *image.size, hashlib.sha256(bytes(str(image.pixels[:]), 'ascii')).hexdigest())" 2>/dev/null | grep '^pixels'
}
render() { # SCENE OPTION…
    local scene=$1
    shift
    "$sublet" --json render --yes "$scenes/$scene.blend" --frames 1-3 --pay 0.01 --memory 1Gi "$@" >"$work/$scene.out" 2>>"$work/render.err"
}
# same SCENE: the market's frames are those of plain Blender where the scene lies.
same() { diff <(pixels "$work/plain/$1") <(pixels "$work/frames/$1"); }
for scene in relative library sequence disk; do
    blender -t 1 "$scenes/$scene.blend" -o "$work/plain/$scene/####" -s 1 -e 3 -a >"$work/plain.log" 2>&1
    check "$scene is rendered elsewhere" render $scene --out "$work/frames/$scene"
    equal "$scene: frames" 3 "$(find "$work/frames/$scene" -name '*.png' 2>/dev/null | wc -l)"
    check "$scene: names and pixels are plain Blender's" same $scene
done
check "without preflight it is rendered too" render relative --no-preflight --out "$work/frames/unpacked"
cp -r "$work/plain/relative" "$work/plain/unpacked"
if same unpacked >/dev/null; then bad "but not with its picture"; else ok "but not with its picture"; fi

before=$(balance tenant)
"$sublet" render --yes "$scenes/missing.blend" --pay 0.01 >"$work/refused.out" 2>&1
equal "a scene that lacks a file is refused" 2 $?
contains "with the file's name" pictures/gone.png "$(cat "$work/refused.out")"
equal "and nothing was paid for it" "$before" "$(balance tenant)"
equal "no container of a preflight is left" "" "$(remains_after 5 "${instances[0]}")"
equal "nor a scratch folder" "" "$(find "$SUBLET_HOME/jobs" -maxdepth 1 \( -name 'preflight-*' -o -name 'scene-*' \))"
[ $failures = 0 ]
