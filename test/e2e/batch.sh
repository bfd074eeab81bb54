#!/usr/bin/env bash
# batch.sh: `sublet batch` and `sublet job` on real containers: inputs and outputs, exit codes and tries, pause and cancel, kills of
# worker, creator and node, two providers, and what a task costs beyond its container.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "the node starts" start_node
must "a provider starts" start_lend

box=/bin/busybox
batch() { # OPTION… -- COMMAND…
    "$sublet" --json batch --yes --image sublet/web:1 --pay 0.001 --cores 0.2 --memory 64Mi "$@" 2>>"$work/batch.err"
}
job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
newest_job() { job ls | jq -e ".jobs[0] | $1"; }  # of those that are open
job_is() { [ "$(job status "$1" | jq -r "$2")" = "$3" ]; }
refuses_to_follow() { [[ $("$sublet" job watch "$1" 2>&1) == *"is followed already"* ]]; }
no_tasks_run() { [ -z "$(engine ps -q --filter label=sublet.agent="$(instance_of "$work/lend")-jobs")" ]; }

# --- in and out
mkdir -p "$work/in/sub"
for i in $(seq 8); do echo "number $i" >"$work/in/sub/$i.txt"; done
lender=$(balance lender)
# shellcheck disable=SC2016  # $TASK is the task's
done=$(batch --array 2-8:2 --in "$work/in" --out "$work/out" -- $box sh -c "$box tr a-z A-Z <in/sub/\$TASK.txt >out/\$TASK.txt; echo \$TASK_INDEX \$JOB")
equal "a job of 4 tasks ends well" "done 4" "$(jq -r '.job.state + " " + (.job.accepted | tostring)' <<<"$done")"
equal "each left its file and no other" "2.txt 4.txt 6.txt 8.txt" "$(cd "$work/out" && echo *)"
equal "made from its own input" "NUMBER 6" "$(cat "$work/out/6.txt" 2>/dev/null)"
equal "the lender has the pay of four tasks" $((lender + 4000)) "$(balance lender)"

# --- what a task may not do
# shellcheck disable=SC2016
done=$(batch --out "$work/cage" -- $box sh -c "$box ip -o addr | $box grep -v ' lo ' >out/addresses; $box touch in/x 2>out/written; $box id -u >out/user; exit 0")
equal "it has no network" "" "$(cat "$work/cage/addresses" 2>/dev/null || echo missing)"
contains "its input cannot be written" "Read-only" "$(cat "$work/cage/written" 2>/dev/null)"

# --- failures: three tries are on three owners; here is one, so the task waits, and the creator gives up
batch --array 0-1 --out "$work/failing" -- $box sh -c "echo to no avail; exit 3" >"$work/failing.out" &
creator=$!
must "the job is on the ledger" within 20 newest_job '.id'
job_id=$(job ls | jq -r '.jobs[0].id')
check "a task that fails waits for another owner" within 20 job_is "$job_id" .job.waiting 2
equal "nothing is paid for it" 0 "$(job status "$job_id" | jq -r .job.paid)"
check "the creator cancels" job cancel "$job_id"
wait "$creator"
equal "who follows it is told that it ended without results" 1 $?
equal "the money came back" 2000 "$(job status "$job_id" | jq -r .job.refunded)"

# --- pause
batch --detach --array 1-3 --out "$work/paused" -- $box true >/dev/null
job_id=$(job ls | jq -r '.jobs[0].id')
check "a job is paused" job pause "$job_id"
timeout 3 "$sublet" job watch "$job_id" >/dev/null 2>&1
equal "nothing of it was given out" 3 "$(job status "$job_id" | jq '.job.tasks - .job.fresh')"
check "it is resumed" job resume "$job_id"
check "and done, by who looks at it later" job watch "$job_id"
check "it is done" job_is "$job_id" .job.accepted 3

# --- kill -9 of the worker, the node and the creator's client while tasks run; every result is made once and there once
# shellcheck disable=SC2016
batch --array 1-6 --out "$work/killed" -- $box sh -c "$box sleep 1; $box date +%s%N >out/\$TASK" >"$work/killed.out" &
creator=$!
must "a task of it runs" within 20 newest_job '.active == 1'
job_id=$(job ls | jq -r '.jobs[0].id')
kill_hard lend
must "the provider starts after kill -9" start_lend
check "a second client does not follow the same job" refuses_to_follow "$job_id"
pkill -KILL -P $creator  # the program: $creator is the shell around it
wait $creator 2>/dev/null
kill_hard node
must "the node starts after kill -9" start_node
check "the creator's client goes on where it was" job watch "$job_id"
equal "six results are there" 6 "$(find "$work/killed" -type f | wc -l)"
equal "each was paid once" 6000 "$(job status "$job_id" | jq -r .job.paid)"
equal "and no attempt was lost" 6 "$(job status "$job_id" | jq '[.tasks[].attempt] | add')"
check "no container of a task stays" within 20 no_tasks_run

# --- two providers, many small tasks
must "a second provider starts" start_second_lend
begun=$(date +%s%N)
done=$(batch --array 1-60 --out "$work/many" -- $box true)
took_ms=$((($(date +%s%N) - begun) / 1000000))
equal "a job of 60 tasks is done" 60 "$(jq -r .job.accepted <<<"$done")"
job_id=$(jq -r .job.id <<<"$done")
workers=$(job status --all "$job_id" | jq '[.tasks[].worker] | unique | length')
equal "both providers had tasks of it" 2 "$workers"
echo "60 tasks over two providers took $took_ms ms"
equal "no two tasks were one" 60 "$(job status --all "$job_id" | jq '[.tasks[].index] | unique | length')"

# --- a rejected result is made once more by the other one, and takes the place of the first
# shellcheck disable=SC2016
batch --array 1-1 --no-approve --detach --out "$work/again" -- $box sh -c "$box cat /proc/sys/kernel/random/uuid >out/id" >"$work/again.out"
job_id=$(job ls | jq -r '.jobs[0].id')
job watch --no-approve "$job_id" >"$work/again.watch" 2>&1 &
watcher=$!
check "a result waits for its creator's word" within 20 job_is "$job_id" .job.in_review 1
check "and is fetched" within 10 [ -s "$work/again/id" ]
pkill -P $watcher  # the program: $watcher is the shell around it
wait $watcher 2>/dev/null
first=$(cat "$work/again/id")
check "it is rejected" job reject "$job_id" 0
check "made once more, fetched and approved" job watch "$job_id"
equal "by the other provider" 2 "$(job status --all "$job_id" | jq '.tasks[0].attempt')"
check "what is there is the second result" [ "$(cat "$work/again/id")" != "$first" ]
equal "and nothing else" 1 "$(find "$work/again" -type f | wc -l)"
stop lend2
check "what jobs held and paid adds up" settled_sum tenant lender operator lender2 operator2
stop lend
check "a provider that stops leaves no container of a task" no_tasks_run
[ $failures = 0 ]
