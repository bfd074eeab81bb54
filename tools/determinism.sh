#!/usr/bin/env bash
# determinism.sh [BLOCKS]: the same blocks through GCC and clang, -O0 and -O3, must give the pinned roots.
# Builds the deterministic half four times under build/roots-*; minutes on a cold cache.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

blocks=${1:-10000} jobs=$(nproc) failed=0
for compiler in g++ clang++-19; do
    for level in O0 O3; do
        folder=build/roots-$compiler-$level
        mkdir -p "$folder"
        if ! { cmake -S . -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_COMPILER_LAUNCHER=ccache \
            -DCMAKE_BUILD_TYPE=Custom -DCMAKE_CXX_FLAGS="-$level" -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=mold \
            -DSUBLET_DETERMINISTIC_ONLY=ON && cmake --build "$folder" -j "$jobs" --target roots; } >"$folder/build.log" 2>&1; then
            echo "not ok $compiler -$level: does not build, see $folder/build.log"
            failed=1
            continue
        fi
        began=$SECONDS
        if said=$("$folder/roots" "$blocks" --pinned test/determinism/roots.txt); then
            echo "ok $compiler -$level: $said ($((SECONDS - began)) s)"
        else
            echo "not ok $compiler -$level: $said"
            failed=1
        fi
    done
done
exit $failed
