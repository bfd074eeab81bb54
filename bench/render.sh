#!/usr/bin/env bash
# render.sh: BMW27, eight frames on two providers with one slot each, against the best plain schedule on the same two cores: two
# single-threaded Blenders, four frames each, start and loading included. The pixels must be the same bit for bit.
# SUBLET_BENCH_SCENE names another scene; without one in ../shared/data/scenes this says so.
set -uo pipefail
exec 3>&1 1>&2
SUBLET=${SUBLET:-$PWD/build/release/sublet}
# shellcheck source=../test/e2e/lib/common.sh
. test/e2e/lib/common.sh
scene=${SUBLET_BENCH_SCENE:-$root/../shared/data/scenes/bmw27.blend}
frames=${SUBLET_BENCH_FRAMES:-8}
samples=${SUBLET_BENCH_SAMPLES:-150}
result() { jq -cn --argjson fields "$1" '$fields' >&3; }
if [ ! -f "$scene" ] || ! "$root/images/build.sh" blender >&2; then
    result '{"name": "render: BMW27 over two providers, wall time", "value": null, "unit": "no scene or no image here"}'
    exit 0
fi

network_files
must "the node starts" start_node
must "a provider starts" start_lend
must "a second provider starts" start_second_lend

cp "$scene" "$work/scene.blend"
scale=50
set_up="import bpy; s = bpy.context.scene; s.cycles.samples = $samples; s.render.resolution_percentage = $scale; s.render.image_settings.file_format = 'PNG'"
now_ms() { echo $(($(date +%s%N) / 1000000)); }
plain() { # FOLDER: both halves at once, each with a Blender of its own
    local begun half halves=()
    mkdir -p "$work/$1"
    begun=$(now_ms)
    for half in 1 2; do
        engine_long run --rm --network none --cpus 1 --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
            blender -b --factory-startup --disable-autoexec -noaudio -t 1 /scratch/scene.blend --python-expr "$set_up" \
            -o "/scratch/$1/####" -s "$half" -e "$frames" -j 2 -a >"$work/$1-$half.log" 2>&1 &
        halves+=($!)
    done
    wait "${halves[@]}"
    echo $(($(now_ms) - begun))
}
engine_long() { CONTAINERS_CONF=$work/lend/engine/containers.conf podman "$@"; }
pixels() {
    engine_long run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work/$1:/pixels" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --python-expr "
import bpy, hashlib, pathlib
for file in sorted(pathlib.Path('/pixels').glob('*.png')):
    image = bpy.data.images.load(str(file))
    print('pixels', file.name, *image.size, hashlib.sha256(bytes(str(image.pixels[:]), 'ascii')).hexdigest())" 2>/dev/null | grep '^pixels'
}
market() { # FOLDER
    local begun
    begun=$(now_ms)
    "$sublet" --json render --yes --no-preflight "$work/scene.blend" --frames "1-$frames" --samples "$samples" --scale $scale --format PNG --pay 0.01 \
        --memory 2Gi --out "$work/$1" >"$work/$1.out" 2>"$work/$1.err"
    echo $(($(now_ms) - begun))
}

first=$(plain plain)
echo "plain Blender: $first ms"
ours=$(market market)
echo "sublet render: $ours ms, $(jq -c '[.job.accepted, .job.failed]' "$work/market.out")"
second=$(plain plain2)
echo "plain Blender again: $second ms"
stop lend2
frame_ms=$(grep -oh 'Time: [0-9:.]* (Saving' "$work"/plain-*.log | awk -F '[: ]' '{ sum += $3 * 60 + $4; n++ } END { printf "%d", n ? 1000 * sum / n : 0 }')
echo "a frame takes $frame_ms ms"
pixels plain >"$work/a.pixels"
pixels market >"$work/b.pixels"
same=$(comm -12 "$work/a.pixels" "$work/b.pixels" | wc -l)
best=$((first < second ? first : second))
result "$(jq -n --argjson ours "$ours" --argjson plain "$best" --argjson frame "$frame_ms" --argjson n "$frames" '{
    name: "render: BMW27 over two providers, wall time", value: ($ours / 1000), unit: ("s for \($n) frames of \($frame / 1000 | round) s"),
    against: "two plain single-threaded Blenders", against_value: ($plain / 1000), ratio: ($ours / $plain), goal: 1.05,
    goal_of: "ratio", better: "lower"}')"
result "$(jq -n --argjson same "$same" --argjson n "$frames" '{
    name: "render: frames with the pixels of plain Blender", value: $same, unit: "frames", against: "all frames", against_value: $n,
    ratio: ($same / $n), goal: 1, goal_of: "ratio", better: "higher"}')"
