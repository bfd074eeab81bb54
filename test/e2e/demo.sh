#!/usr/bin/env bash
# demo.sh: `./run demo` works twice in a row: HTTP answered, what the tenant paid is what the lender got, an animation rendered by two
# lenders who both were paid, its video and its page, nothing else left behind.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

[ "$(realpath "$sublet")" = "$(realpath "$root/build/sublet")" ] || skip "the demo shows build/sublet, and SUBLET names another"

command -v ffprobe >/dev/null || skip "there is no ffprobe here (apt-get install ffmpeg)"
"$root/images/build.sh" blender >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
export DEMO_RESULTS=$work/results

# ucredit TEXT: credits as they are printed (0.000012) in millionths.
ucredit() { awk -v credits="$1" 'BEGIN { printf "%.0f", credits * 1000000 }'; }
# printed WORD: the credits after the word in the demo's last account.
printed() { ucredit "$(sed -n "s/^ *| *$1 *\([0-9.]*\) credits\$/\1/p" "$work/demo.out" | tail -n 1)"; }

for turn in first second; do
    status=0
    TMPDIR=$work timeout 400 "$root/tools/demo.sh" >"$work/demo.out" 2>"$work/demo.err" || status=$?
    equal "$turn demo: ends well" 0 "$status"
    [ $status = 0 ] || tail -n 20 "$work/demo.out" "$work/demo.err"
    check "$turn demo: the page came over HTTP" grep -q 'Hello from a rented container' "$work/demo.out"
    check "$turn demo: the URL is printed" grep -Eq 'http://127\.0\.0\.1:[0-9]+' "$work/demo.out"
    check "$turn demo: the container's log is shown" grep -q 'web/0 .*response:200' "$work/demo.out"
    check "$turn demo: the bill ticks every second" [ "$(grep -cE '\| [0-9TZ:-]+ +running +[0-9.]+ credits' "$work/demo.out")" -ge 3 ]
    read -r tenant_before tenant_after lender_before lender_after < <(
        sed -nE 's/.*tenant ([0-9]+) -> ([0-9]+) ucredit, lender ([0-9]+) -> ([0-9]+) ucredit/\1 \2 \3 \4/p' "$work/demo.out")
    paid=$(printed paid)
    check "$turn demo: something was paid" [ "$paid" -gt 0 ]
    equal "$turn demo: the lender got what the tenant paid, to the unit" "$paid" "$((lender_after - lender_before))"
    equal "$turn demo: deposited = paid + refunded" "$(printed deposited)" "$((paid + $(printed refunded)))"
    # Besides the bill the tenant pays the fees of its two transactions, a few ten-thousandths of a credit.
    fees=$((tenant_before - tenant_after - paid))
    check "$turn demo: the rest that the tenant misses are fees" [ "$fees" -gt 0 -a "$fees" -lt 1000 ]  # one command
    # The second act.
    equal "$turn demo: the video has every frame" "320,180,24/1,24" "$(ffprobe -v error -count_frames -select_streams v \
        -show_entries stream=width,height,r_frame_rate,nb_read_frames -of csv=p=0 "$DEMO_RESULTS/wave.mp4")"
    equal "$turn demo: the frames are there" 24 "$(find "$DEMO_RESULTS" -name '00??.png' -size +1k | wc -l)"
    equal "$turn demo: the page shows each of them and the video" "24 1" \
        "$(grep -c '<img loading=lazy src="./00' "$DEMO_RESULTS/report.html") $(grep -c '<video ' "$DEMO_RESULTS/report.html")"
    equal "$turn demo: the page does not load itself again" 0 "$(grep -c http-equiv "$DEMO_RESULTS/report.html")"
    read -r one_before one_after two_before two_after < <(
        sed -nE 's/.*lender ([0-9]+) -> ([0-9]+) ucredit, lender2 ([0-9]+) -> ([0-9]+) ucredit/\1 \2 \3 \4/p' "$work/demo.out")
    check "$turn demo: both lenders were paid" [ $((one_after - one_before)) -gt 0 -a $((two_after - two_before)) -gt 0 ]
    equal "$turn demo: together what 24 frames cost" 24000 $((one_after - one_before + two_after - two_before))
    equal "$turn demo: and each what the page says" "$(jq -c '[.workers[].pay_ucredit] | sort' "$DEMO_RESULTS/report.json")" \
        "$(jq -nc "[$((one_after - one_before)), $((two_after - two_before))] | sort")"
    check "$turn demo: its results are told" grep -q "contact sheet  $DEMO_RESULTS/report.html" "$work/demo.out"
    check "$turn demo: nothing is left of its network" [ -z "$(find "$work" -name 'demo.??????')" ]
done
