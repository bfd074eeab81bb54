#!/usr/bin/env bash
# determinism.sh [BLOCKS [COMPILER:LEVEL…]]: the same blocks through GCC and clang, -O0 and -O3, must give the pinned roots.
# Builds the deterministic half under build/roots-*, all four ways unless told otherwise; minutes on a cold cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

blocks=${1:-10000} jobs=$(nproc) failed=0
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- g++:O0 g++:O3 clang++-19:O0 clang++-19:O3
for way in "$@"; do
    compiler=${way%:*} level=${way#*:} folder=build/roots-${way/:/-}
    if ! command -v "$compiler" >/dev/null; then
        echo "skip roots $compiler -$level: there is no $compiler here"
        continue
    fi
    mkdir -p "$folder"
    if ! { cmake -S . -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
        -DCMAKE_BUILD_TYPE=Custom -DCMAKE_CXX_FLAGS="-$level" -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold \
        -DCMAKE_UNITY_BUILD=ON -DCMAKE_UNITY_BUILD_BATCH_SIZE=12 -DSUBLET_DETERMINISTIC_ONLY=ON &&
        cmake --build "$folder" -j "$jobs" --target roots; } >"$folder/build.log" 2>&1; then
        echo "not ok roots $compiler -$level: does not build, see $folder/build.log"
        failed=1
        continue
    fi
    began=$SECONDS
    if said=$("$folder/roots" "$blocks" --pinned test/determinism/roots.txt); then
        echo "ok roots $compiler -$level: $said ($((SECONDS - began)) s)"
    else
        echo "not ok roots $compiler -$level: $said"
        failed=1
    fi
done
exit $failed
