#!/usr/bin/env bash
# audit_render.sh: with a real Blender: crops of strangers' frames are rendered again by drawn providers, every pass is looked at by a second
# one, and both find the same pixels to the bit; who drops three samples of four is found, arbiters render it as well, and it loses its stake.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/second_engine.sh
. "$here/lib/second_engine.sh"

"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
jq '.params.audit_again_permille = "1000" | .params.audit_silence_ms = "120000"' "$work/genesis.json" >"$work/genesis.new" && mv "$work/genesis.new" "$work/genesis.json"
must "the node starts" start_node
must "a provider starts" start_lend
check "it puts 5 credits at stake" "$sublet" lend stake 5 --key lender
for number in 2 3 4 5 6 7; do
    must "provider $number starts" start_another_lend "$number" 20
    check "and puts 5 credits at stake" "$sublet" lend stake 5 --key "lender$number"
done

blender() { # ARGUMENT…: plain Blender in the same image, $work at /scratch
    engine run --rm --network none --label "sublet.agent=${instances[0]}" -v "$work:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio "$@"
}
cp "$here/files/swing.py" "$work/swing.py"
blender --python-exit-code 1 --python /scratch/swing.py -- /scratch/swing.blend >"$work/make.log" 2>&1
must "the scene is made" [ -s "$work/swing.blend" ]

done=$("$sublet" --json render --yes "$work/swing.blend" --memory 1Gi --pay 0.01 --timeout 120 --frames 1-3 --scale 100 --format PNG --audit-floor 1 --out "$work/frames" 2>>"$work/render.err")
equal "frames are audited where seven can be drawn" crops "$(jq -r 'if .job.audit.how == 1 then "crops" else .job.audit.how end' <<<"$done")"
equal "three frames are done" "done 3" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' <<<"$done")"
audits=$("$sublet" --json job disputes --all "$(jq -r .job.id <<<"$done")")
equal "each was audited and passed" 3 "$(jq '[.audits[] | select(.outcome == "pass" or .outcome == 2)] | length' <<<"$audits")"
equal "by two each" 6 "$(jq '[.audits[].seats[] | select(.verdict == "pass" or .verdict == 1)] | length' <<<"$audits")"
equal "who found the same pixels to the bit" 3 "$(jq '[.audits[] | .seats | map(.answer) | unique | select(length == 1)] | length' <<<"$audits")"
equal "an auditor gets a tenth of a frame" 1000 "$(jq '[.audits[].seats[].paid | tonumber] | max' <<<"$audits")"
blender /scratch/swing.blend --python-expr 'import bpy; bpy.context.scene.render.dither_intensity = 0' -o //plain-#### -F PNG -x 1 -f 2 >>"$work/make.log" 2>&1
mkdir -p "$work/one" "$work/other"
cp "$work/frames/0002.png" "$work/one/" && cp "$work/plain-0002.png" "$work/other/0002.png"
check "a frame is what plain Blender renders, as an audit compares" "$sublet" job verify "$work/one" --against "$work/other"

# --- a provider whose Blender has something of its own in it: it looks the same and takes a quarter of the work
must "a second engine starts" start_second_engine
mkdir -p "$work/cheat"
cat >"$work/cheat/fewer.py" <<'PYTHON'
import bpy

@bpy.app.handlers.persistent
def fewer(scene, *_):
    scene.cycles.samples = 1

bpy.app.handlers.render_init.append(fewer)
PYTHON
cat >"$work/cheat/blender" <<'SHELL'
#!/bin/sh
for each; do
    shift
    [ "$each" != --python ] || set -- "$@" --python /usr/local/share/fewer.py
    set -- "$@" "$each"
done
exec /usr/bin/blender "$@"
SHELL
chmod 755 "$work/cheat/blender"
printf 'FROM docker.io/sublet/blender:3.4\nCOPY blender /usr/local/bin/\nCOPY fewer.py /usr/local/share/\n' >"$work/cheat/Containerfile"
must "the cheat has an image of the same name" second_engine build -q -t docker.io/sublet/blender:3.4 "$work/cheat"
must "the cheat lends" start_another_lend 8 20 -e "s|^\[engine\]|[engine]\nsocket = \"$second_socket\"|"
check "it puts 5 credits at stake, to audit nobody" "$sublet" lend stake 5 --engines batch --key lender8
for number in "" 2 3 4 5 6 7; do # they take no tasks for now, and look at what the cheat gives
    check "lender$number pauses" "$sublet" lend pause --data "$work/lend$number"
done
"$sublet" --json render --yes "$work/swing.blend" --memory 1Gi --pay 0.01 --timeout 120 --frames 5-6 --scale 100 --format PNG --audit-floor 1 --out "$work/cheated" \
    >"$work/cheated.out" 2>>"$work/render.err" &
creator=$!
standing() { "$sublet" --json lend standing "$1" 2>>"$work/standing.err"; }
caught() { [ "$(standing lender8 | jq -r .results_wrong)" -ge 1 ]; }
check "who drops samples is found" within 180 caught
for number in "" 2; do check "lender$number goes on" "$sublet" lend resume --data "$work/lend$number"; done
wait $creator
done=$(cat "$work/cheated.out")
equal "the job is done all the same" "done 2" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' <<<"$done")"
cheat=$(standing lender8 | jq -r .owner)
audits=$("$sublet" --json job disputes --all "$(jq -r .job.id <<<"$done")" | jq --arg w "$cheat" '[.audits[] | select(.worker == $w)]')
check "its frames were found wrong" jq -e 'length > 0 and all(.outcome == "fail")' <<<"$audits"
equal "by three that looked and three that ruled, who found the same pixels to the bit" "3 3 1" \
    "$(jq -r '.[0].seats | "\(map(select(.round != "arbiters" and .verdict == "fail")) | length) \(map(select(.round == "arbiters" and .verdict == "fail")) | length) \(map(.answer) | unique | length)"' <<<"$audits")"
equal "it lost its stake" 5000000 "$(standing lender8 | jq -r .slashed)"
equal "nobody else lost anything" 0 "$(for number in "" 2 3 4 5 6 7; do standing "lender$number"; done | jq -s '[.[].slashed | tonumber] | add')"
equal "and was paid for nothing" 0 "$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers/$cheat" | jq -r .counters.earned)"

[ $failures = 0 ] || for each in node lend lend2 lend3 render; do echo "--- $each"; tail -n 15 "$work/$each.err"; done
