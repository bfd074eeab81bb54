#!/usr/bin/env bash
# fuzz.sh: ./run fuzz [TARGET…] [--seconds N] [--keep]: runs libFuzzer targets one after the other, N seconds each.
# What breaks a target stays under build/fuzz/found/TARGET, and becomes a regression by copying it to
# test/fuzz/corpus/TARGET. --keep takes new inputs that reach more code into the corpus, merged to the least.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=tools/steps.sh
. tools/steps.sh

seconds=60 keep=0 targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --seconds) seconds=${2:?--seconds takes a number} && shift ;;
        --keep) keep=1 ;;
        -*) printf 'fuzz: %s is not known\n' "$1" >&2 && exit 64 ;;
        *) targets+=("$1") ;;
    esac
    shift
done
[ ${#targets[@]} -gt 0 ] || for folder in test/fuzz/corpus/*/; do targets+=("$(basename "$folder")"); done
for target in "${targets[@]}"; do
    [ -f "test/fuzz/$target.cpp" ] || fail_step "no fuzz target is named '$target'; the names are those of test/fuzz/corpus"
done

dictionary_of() { # TARGET
    case $1 in
        manifest | engine_json | rpc | token | package | left | gateway_answer | commit) echo test/fuzz/dict/json.dict ;;
        *) [ ! -f "test/fuzz/dict/$1.dict" ] || echo "test/fuzz/dict/$1.dict" ;;
    esac
}

mkdir -p build/fuzz
hint "the first error above names the file"
step "build the fuzz targets (clang-19)"
[ -e build/fuzz/build.ninja ] || logged build/fuzz/configure.log cmake --preset fuzz
logged build/fuzz/build.log cmake --build build/fuzz -j "$(nproc)" --target "${targets[@]/#/fuzz_}"
step_done

failed=0
for target in "${targets[@]}"; do
    grown=build/fuzz/grown/$target found=build/fuzz/found/$target corpus=test/fuzz/corpus/$target
    mkdir -p "$grown" "$found"
    dictionary=$(dictionary_of "$target")
    printf '── %s, %s s\n' "$target" "$seconds"
    status=0
    "build/fuzz/fuzz_$target" "$grown" "$corpus" ${dictionary:+"-dict=$dictionary"} -max_total_time="$seconds" -timeout=10 \
        -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 -artifact_prefix="$found/" >"build/fuzz/$target.log" 2>&1 || status=$?
    grep -E 'cov: ' "build/fuzz/$target.log" | tail -1 || true
    grep -E 'number_of_executed_units|peak_rss' "build/fuzz/$target.log" || true
    if [ $status -ne 0 ]; then
        failed=$((failed + 1))
        grep -E 'does not hold|ERROR|SUMMARY|runtime error' "build/fuzz/$target.log" | head -4 || true
        printf 'not ok %s: see build/fuzz/%s.log and %s\n' "$target" "$target" "$found"
        continue
    fi
    printf 'ok %s\n' "$target"
    [ $keep = 0 ] || "build/fuzz/fuzz_$target" -merge=1 "$corpus" "$grown" >"build/fuzz/$target.merge.log" 2>&1
done
[ $failed = 0 ]
