#!/usr/bin/env bash
# audit.sh: results of jobs are audited by drawn providers with a stake: batch tasks are done again byte for byte, a provider whose engine has
# another image under the same name is found and loses what it staked, honest ones are paid.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/second_engine.sh
. "$here/lib/second_engine.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "the node starts" start_node
must "a provider starts" start_lend
for number in 2 3 4 5 6 7; do
    must "provider $number starts" start_another_lend "$number" 20
done
job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
standing() { "$sublet" --json lend standing "$1" 2>>"$work/standing.err"; }
for number in "" 2 3 4 5 6 7; do
    check "lender$number puts 5 credits at stake" "$sublet" lend stake 5 --key "lender$number"
done
equal "five credits are at stake" 5000000 "$(standing lender3 | jq -r .stake)"

box=/bin/busybox
batch() { "$sublet" --json batch --yes --image sublet/web:1 --pay 0.01 --cores 0.2 --memory 64Mi --timeout 60 "$@" 2>>"$work/batch.err"; }

# --- every result is done again by somebody else
# shellcheck disable=SC2016
done=$(batch --audit whole --audit-floor 1 --array 1-6 --out "$work/out" -- $box sh -c "echo \$TASK is right >out/\$TASK.txt")
equal "a job of six tasks ends well" "done 6" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' <<<"$done")"
equal "its results are here" 6 "$(find "$work/out" -name '*.txt' | wc -l)"
first=$(jq -r .job.id <<<"$done")
audits=$(job disputes --all "$first")
equal "every result was audited" 6 "$(jq '.audits | length' <<<"$audits")"
equal "and passed" 6 "$(jq '[.audits[] | select(.outcome == "pass")] | length' <<<"$audits")"
equal "by others than its worker" 0 "$(jq '[.audits[] | . as $a | .seats[] | select(.auditor == $a.worker)] | length' <<<"$audits")"
equal "what auditors got is what tasks pay" 10000 "$(jq '[.audits[].seats[] | select(.state == "judged" or .state == "shown") | .paid | tonumber] | max' <<<"$audits")"
equal "what was set aside came back" 0 "$(jq '[.job.deposited, .job.paid, .job.refunded] | map(tonumber) | .[0] - .[1] - .[2]' <<<"$done")"

# --- a provider whose engine has another image under the same name: what it gives is not what was asked for
must "a second engine starts" start_second_engine
mkdir -p "$work/cheat/image"
id=$(engine create docker.io/sublet/web:1 true)
engine cp "$id:/bin/busybox" "$work/cheat/image/busybox.real" >/dev/null
engine rm "$id" >/dev/null
printf '#!/bin/busybox.real sh\n/bin/busybox.real "$@"\nfor each in /task/out/*; do echo cheap >"$each"; done\n' >"$work/cheat/image/busybox"
chmod 755 "$work/cheat/image/busybox"
printf 'FROM scratch\nCOPY busybox busybox.real /bin/\n' >"$work/cheat/image/Containerfile"
must "the cheat has an image of the same name" second_engine build -q -t docker.io/sublet/web:1 "$work/cheat/image"
must "the cheat lends" start_another_lend 8 20 -e "s|^\[engine\]|[engine]\nsocket = \"$second_socket\"|"
check "it puts 5 credits at stake" "$sublet" lend stake 5 --key lender8
honest=$(balance lender2)
# The cheat has its share of twelve tasks: all others wait for three seconds.
# shellcheck disable=SC2016
batch --audit whole --audit-floor 1 --array 1-12 --out "$work/cheated" -- $box sh -c "echo \$TASK is right >out/\$TASK.txt; $box sleep 1" >"$work/cheated.out" &
creator=$!
caught() { [ "$(standing lender8 | jq -r .results_wrong)" -ge 1 ]; }
check "the cheat is found" within 120 caught
wait $creator
done=$(cat "$work/cheated.out")
equal "the job is done all the same" "done 12" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' <<<"$done")"
equal "every result is right" 12 "$(cat "$work/cheated"/*.txt | grep -c "is right")"
equal "the cheat lost its stake" 5000000 "$(standing lender8 | jq -r .slashed)"
equal "and was paid for no task" 0 "$(job status --all "$(jq -r .job.id <<<"$done")" | jq --arg w "$(standing lender8 | jq -r .owner)" '[.tasks[] | select(.worker == $w)] | length')"
check "an honest one earned" [ "$(balance lender2)" -gt "$honest" ]
# Each attempt has a record of its own: what became of the cheat's stays beside that of what somebody else gave then.
cheated=$(jq -r .job.id <<<"$done")
cheat=$(standing lender8 | jq -r .owner)
audits=$(job disputes --all "$cheated")
check "the cheat's results were found wrong" jq -e --arg w "$cheat" '[.audits[] | select(.worker == $w)] | length > 0 and all(.outcome == "fail")' <<<"$audits"
check "what somebody else gave then passed" jq -e --arg w "$cheat" '(.audits | map(select(.worker == $w).task)) as $t | [.audits[] | select(.worker != $w and ([.task] | inside($t)))] | any(.outcome == "pass") and all(.attempt > 1 and (.outcome == "pass" or .outcome == "no_money"))' <<<"$audits"
equal "REST says the same" "$(jq -S .audits <<<"$audits")" "$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/jobs/$cheated/audits" | jq -S .audits)"
ruled() { curl -fsSG --max-time 5 "$SUBLET_NODE/tx_search" --data-urlencode "query=\"sublet.audit.$1='$2'\"" | jq '.result.total_count | tonumber'; }
check "arbiters ruled against it" [ "$(ruled audit_over.outcome fail)" -ge 1 ]
check "three that looked and three that ruled said so" [ "$(ruled audit_judged.verdict fail)" -ge 6 ]
contains "people read what became of them" "fail fail fail fail! fail! fail!" "$("$sublet" job disputes "$cheated" 2>&1)"

[ $failures = 0 ] || for each in node lend lend2 lend3; do echo "--- $each"; tail -n 15 "$work/$each.err"; done
