#!/usr/bin/env bash
# audit.sh: results of jobs are audited by drawn providers with a stake: batch tasks are done again byte for byte, a provider whose engine has
# another image under the same name is found and loses what it staked, honest ones are paid.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "the node starts" start_node
must "a provider starts" start_lend
for number in 2 3 4 5 6; do
    must "provider $number starts" start_another_lend "$number" 20
done
job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
standing() { "$sublet" --json lend standing "$1" 2>>"$work/standing.err"; }
for number in "" 2 3 4 5 6; do
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

[ $failures = 0 ] || for each in node lend lend2 lend3; do echo "--- $each"; tail -n 15 "$work/$each.err"; done
