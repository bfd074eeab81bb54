#!/usr/bin/env bash
# cheats.sh: the adversary of docs/spec/verification.md: renders honest frames, cheats and auditors' crops of eight scenes, judges them, writes the
# tables and the curve of that page. cheats.sh [JUDGE] [ARGUMENT of cheats.py…]; JUDGE is built when it is not there.
set -euo pipefail
cd "$(dirname "$0")/.."
judge=${1:-build/bench/cheats}
shift || true
[ -x "$judge" ] || ninja -C build bench_cheats >&2
images/build.sh blender >&2
# shellcheck source=../images/engine.sh
. images/engine.sh
work=$(mktemp -d "${TMPDIR:-/tmp}/cheats.XXXXXX")
trap 'rm -rf "$work"' EXIT
engine_configure "$work/engine"
cp bench/scenes.py "$work"
for scene in glass room crowd skin fog pattern hair lamps; do
    podman run --rm --network none -v "$work:/scratch" docker.io/sublet/blender:3.4 blender -b --factory-startup --python-exit-code 1 \
        --python /scratch/scenes.py -- "$scene" "/scratch/$scene.blend" >"$work/make.log" 2>&1 || { cat "$work/make.log" >&2 && exit 1; }
done
python3 bench/cheats.py "$judge" "$work" "$@"
