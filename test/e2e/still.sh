#!/usr/bin/env bash
# still.sh: `sublet render --split`: one image rendered in parts by two providers is the image that plain Blender renders whole.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "the node starts" start_node
must "a provider starts" start_lend
must "a second provider starts" start_second_lend

blender() { # ARGUMENT…: plain Blender in the same image, $work at /scratch
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
cp "$here/files/swing.py" "$here/files/psnr.py" "$work"
blender --python-exit-code 1 --python /scratch/swing.py -- /scratch/swing.blend >"$work/make.log" 2>&1
must "the project's scene is made" [ -s "$work/swing.blend" ]
whole() { # NAME FORMAT SAMPLES
    blender -t 1 /scratch/swing.blend --python-expr "
import bpy
scene = bpy.context.scene
scene.cycles.samples = $3
layer = scene.view_layers[0]
layer.use_pass_z = layer.use_pass_normal = layer.use_pass_diffuse_direct = True
scene.render.resolution_x, scene.render.resolution_y = 93, 57
settings = scene.render.image_settings
settings.file_format, settings.color_depth, settings.exr_codec = '$2', '32', 'ZIP'
bpy.ops.wm.save_as_mainfile(filepath='/scratch/$1.blend')" -o "//$1-####" -f 5 >"$work/$1.log" 2>&1
    [ -s "$work/$1-0005.exr" ]
}
must "plain Blender renders the image whole" whole whole OPEN_EXR 64
must "and with all its layers" whole layers OPEN_EXR_MULTILAYER 64
# The least of all channels, in dB of the whole image's range; 999 where every float is the same.
psnr() { blender --python /scratch/psnr.py -- "/scratch/$1" "/scratch/$2" 2>/dev/null | sed -n 's/^psnr //p'; }
at_least() { [ -n "$1" ] && [ "$1" -ge "$2" ]; }
split() { # OUT SCENE ARGUMENT…
    "$sublet" --json render --yes "$work/$2.blend" --frame 5 --pay 0.01 --memory 1Gi --out "$work/$1" "${@:3}" 2>>"$work/render.err"
}

done=$(split ranges whole --samples 64 --split samples --parts 8)
equal "an image in 8 sample ranges is done" 8 "$(jq -r .job.accepted <<<"$done")"
equal "its file is told" "$work/ranges/0005.exr" "$(jq -r .image <<<"$done")"
ranges=$(psnr whole-0005.exr ranges/0005.exr)
check "it is the whole image: ${ranges:-none} dB" at_least "$ranges" 120
equal "both providers rendered" 2 "$("$sublet" --json job status --all "$(jq -r .job.id <<<"$done")" | jq '[.tasks[].worker] | unique | length')"
part=$(psnr whole-0005.exr ranges/0005.parts/0001/part.exr)
check "where one range alone is not: ${part:-none} dB" [ "${part:-999}" -lt 60 ]

done=$(split tiles whole --split tiles --parts 3x2)
equal "an image in 3 x 2 tiles is done" 6 "$(jq -r .job.accepted <<<"$done")"
equal "it is the whole image, bit for bit" 999 "$(psnr whole-0005.exr tiles/0005.exr)"

done=$(split layers-of layers --split tiles --parts 2)
equal "an image with layers is done" 2 "$(jq -r .job.accepted <<<"$done")"
channels() { strings -n 3 "$1" | grep -E '^ViewLayer\.[A-Za-z]+\.[A-Z]$' | sort -u; }
check "which are several" [ "$(channels "$work/layers-0005.exr" | wc -l)" -gt 8 ]
equal "it has every channel of the whole one" "$(channels "$work/layers-0005.exr")" "$(channels "$work/layers-of/0005.exr")"

# --- the picture that the scene shows of it: its own view transform, exposure and look
blender -t 1 /scratch/whole.blend --python-expr "
import bpy
scene = bpy.context.scene
scene.cycles.samples = 16
scene.view_settings.view_transform, scene.view_settings.look = 'Filmic', 'High Contrast'
scene.view_settings.exposure = 0.7
scene.render.image_settings.file_format, scene.render.image_settings.color_depth = 'PNG', '16'
scene.render.dither_intensity = 0
bpy.ops.wm.save_as_mainfile(filepath='/scratch/filmic.blend')" -o '//filmic-####' -f 5 >"$work/filmic.log" 2>&1
must "plain Blender renders the picture" [ -s "$work/filmic-0005.png" ]
done=$(split picture filmic --samples 16 --split samples --parts 4 --format PNG)
equal "the picture of an image in parts is told" "$work/picture/0005.png" "$(jq -r .picture <<<"$done")"
picture=$(psnr filmic-0005.png picture/0005.png)
check "it is plain Blender's: ${picture:-none} dB" at_least "$picture" 70
check "the image in linear light stays" [ -s "$work/picture/0005.exr" ]
# shellcheck disable=SC2016  # the inner shell's
without_podman() { unshare -m bash -c 'mount --bind /dev/null "$(readlink -f "$(command -v podman)")" && exec "$@"' - "$@"; }
if without_podman true 2>/dev/null; then
    without_podman "$sublet" --json render --yes "$work/filmic.blend" --frame 5 --pay 0.01 --memory 1Gi --out "$work/stays" --samples 16 \
        --split samples --parts 2 --format PNG --no-preflight >"$work/stays.out" 2>"$work/stays.err"
    equal "without an engine there is no picture" "4 null" "$? $(jq -r .picture "$work/stays.out")"
    contains "which is said" "0005.exr is there, no PNG of it could be made" "$(cat "$work/stays.err")"
    check "and the image stays" [ -s "$work/stays/0005.exr" ]
    check "with an engine it is made of what is there" "$sublet" job watch "$(jq -r .job.id "$work/stays.out")"
    check "so that it is there" [ -s "$work/stays/0005.png" ]
fi

# --- the image of what is there, when the job ends early
said=$(split early whole --samples 4096 --split samples --parts 4 --detach 2>&1)
job_id=$(grep -o '"job":[0-9]*' <<<"$said" | head -n 1 | cut -d : -f 2)
"$sublet" --json job watch "$job_id" >"$work/early.out" 2>"$work/early.err" &
watcher=$!
one_done() { "$sublet" --json job status "$job_id" | jq -e '.job.accepted >= 1'; }
check "a part of a longer one is done" within 90 one_done
"$sublet" job cancel "$job_id" >/dev/null 2>&1
wait "$watcher"
check "what is there is an image" [ -s "$work/early/0005.exr" ]

# --- refused before anything is paid
before=$(balance tenant)
split ranges whole --samples 64 --split samples >"$work/again.out" 2>&1
equal "an image that is there already is not rendered over" 2 $?
split none whole --split samples >/dev/null 2>"$work/none.err"
equal "sample ranges of an unknown number of samples are refused" 2 $?
split video whole --samples 64 --split samples --video >/dev/null 2>&1
equal "one image is no video" 2 $?
split many whole --frames 1-2 --samples 64 --split samples >/dev/null 2>&1
equal "several frames are no still" 2 $?
equal "nothing was paid for that" "$before" "$(balance tenant)"
stop lend2
[ $failures = 0 ]
