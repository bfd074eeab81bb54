#!/usr/bin/env bash
# quotes.sh: how far quotes are from what jobs then take: six scenes of our own, 24 frames each over two providers. What a frame took is the time
# from its claim to its commit on the ledger, times the rate of who rendered it.
set -uo pipefail
exec 3>&1 1>&2
SUBLET=${SUBLET:-$PWD/build/release/sublet}
# shellcheck source=../test/e2e/lib/common.sh
. test/e2e/lib/common.sh
frames=${SUBLET_BENCH_FRAMES:-24}
result() { jq -cn --argjson fields "$1" '$fields' >&3; }
if ! "$root/images/build.sh" blender >&2; then
    result '{"name": "quotes: work found before, against what jobs took", "value": null, "unit": "no image here"}'
    exit 0
fi
network_files 'jobs.benchmark_image = "docker.io/sublet/blender:3.4"'
must "the node starts" start_node
must "a provider starts" start_lend
must "a second provider starts" start_second_lend
events() { # TYPE: what the ledger said, with the time of the block, one JSON object a line
    local page=1 found
    while :; do
        found=$(curl -fsSG --max-time 20 "$SUBLET_NODE/tx_search" --data-urlencode "query=\"$1\"" -d per_page=100 -d page=$page) || return
        jq -c '.result.txs[]' <<<"$found"
        [ $((page * 100)) -lt "$(jq -r .result.total_count <<<"$found")" ] || return
        page=$((page + 1))
    done
}
rates() { events "sublet.job.rate_posted.engine='blender-3.4-cpu'" | jq -c '[.tx_result.events[] | select(.type == "sublet.job.rate_posted") | .attributes | from_entries] | .[]'; }
both_rated() { [ "$(rates | jq -s '[.[].worker] | unique | length')" = 2 ]; }
must "both find how fast they are" within 180 both_rated
rate_of=$(rates | jq -s 'map({key: .worker, value: (.rate | tonumber)}) | from_entries')
cp bench/scenes.py "$work/scenes.py"
block_ms() { date -d "$(curl -fsS "$SUBLET_NODE/block?height=$1" | jq -r .result.block.header.time)" +%s%3N; }
worst=0
for scene in glass room crowd skin fog pattern; do
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --python-exit-code 1 --python /scratch/scenes.py -- "$scene" "/scratch/$scene.blend" >"$work/make.log" 2>&1
    must "the scene $scene is made" [ -s "$work/$scene.blend" ]
    done=$("$sublet" --json render --yes --no-preflight "$work/$scene.blend" --frames "1-$frames" --memory 1Gi --price 36 --out "$work/$scene" 2>"$work/$scene.err")
    id=$(jq -r .job.id <<<"$done")
    # claims that are ready start at once; the commit ends what is timed
    for fact in task_started task_committed; do
        events "sublet.job.$fact.job='$id'" | jq -r --arg fact "$fact" '.height as $h | .tx_result.events[] | select(.type == "sublet.job.\($fact)") |
            .attributes | from_entries | "\($h) \(.task) \(.worker)"' >"$work/$scene.$fact"
    done
    took=0
    while read -r height task worker; do
        ended=$(awk -v t="$task" '$2 == t { print $1 }' "$work/$scene.task_committed" | tail -n 1)
        [ -n "$ended" ] || continue
        took=$((took + ($(block_ms "$ended") - $(block_ms "$height")) * $(jq --arg w "$worker" '.[$w]' <<<"$rate_of") / 1000))
    done <"$work/$scene.task_started"
    quoted=$(jq -n --slurpfile tasks <("$sublet" --json job status --all "$id") '[$tasks[0].tasks[].pay | tonumber] | add / 10 | round')
    off=$(jq -n "(100 * ($quoted - $took) / $took) | round")
    echo "$scene: quoted $quoted mRWU, took $took mRWU: $off %"
    result "{\"name\": \"quotes: $scene, work found before against what it took\", \"value\": $(jq -n "$quoted / 1000"), \"unit\": \"RWU for $frames frames\",
        \"against\": \"claims to commits, times rates\", \"against_value\": $(jq -n "$took / 1000"), \"ratio\": $(jq -n "$quoted / $took"), \"goal\": null}"
    [ "${off#-}" -le "$worst" ] || worst=${off#-}
done
stop lend2
echo "the worst is $worst % off"
[ $failures = 0 ]
