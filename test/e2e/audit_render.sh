#!/usr/bin/env bash
# audit_render.sh: with a real Blender: crops of strangers' frames are rendered again by drawn providers, every pass is looked at by a second
# one, and both find the same pixels to the bit.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

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

[ $failures = 0 ] || for each in node lend lend2 lend3 render; do echo "--- $each"; tail -n 15 "$work/$each.err"; done
