#!/usr/bin/env bash
# swarm.sh: an input of 48 MiB for three providers through a thin uplink: they have most of it from each other, encrypted; one that is
# killed goes on from what it has; a creator that is killed too; a provider that wants no swarms gets it through its gateway; nothing stays.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
must "the node starts" start_node
must "a provider starts" start_lend
start_other() { # NUMBER OPTION…: one more provider, with keys of its own; again after a kill
    provider_files "$1"
    run_another_lend "$@"
}
must "a second provider starts" start_other 2
must "a third provider starts" start_other 3

box=/bin/busybox
input=50331648
batch() { # OPTION… -- COMMAND…
    "$sublet" --json batch --yes --image sublet/web:1 --pay 0.001 --cores 0.2 --memory 64Mi --upload-limit 6Mi "$@" 2>>"$work/batch.err"
}
job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
newest_job() { job ls | jq -e ".jobs[0] | $1"; }
kept() { echo "$work/$1/jobs/$job_id"; }
# What a provider has of the encrypted input, in MiB.
has() { [ "$(du -m "$(kept "$1")/swarm/input" 2>/dev/null | cut -f 1)" -ge "$2" ]; }
nothing_kept() { [ -z "$(find "$(kept "$1")" \( -name 'swarm*' -o -name '*.tar' \) -not -name result.tar 2>/dev/null)" ]; }

mkdir -p "$work/in"
head -c $((input - 4096)) /dev/urandom >"$work/in/large"
head -c 64 /dev/zero | tr '\0' x >>"$work/in/large"
sum=$(sha256sum <"$work/in/large")
# shellcheck disable=SC2016  # $TASK is the task's
batch --array 1-15 --in "$work/in" --out "$work/out" -- $box sh -c "$box sleep 2; $box sha256sum <in/large >out/\$TASK" >"$work/swarm.json" &
creator=$!
must "the job is on the ledger" within 30 newest_job .id
job_id=$(job ls | jq -r '.jobs[0].id')
must "the third provider fetches" within 30 has lend3 10
check "its input is not whole yet" [ ! -e "$(kept lend3)/in" ]
kill_hard lend3
has_had=$(du -m "$(kept lend3)/swarm/input" | cut -f 1)
must "the third provider starts after kill -9" start_other 3
check "what it had is still there" has lend3 "$has_had"
for name in lend lend2 lend3; do
    check "$name has the whole input" within 90 [ -s "$(kept $name)/in/large" ]
done
equal "the key is for the owner's eyes alone" 600 "$(stat -c %a "$(kept lend)/swarm.json")"
equal "what travels says nothing of what it is" 0 "$(grep -c xxxxxxxxxxxxxxxx "$(kept lend)/swarm/input")"
equal "who sees the unpacked input can tell" 1 "$(grep -c xxxxxxxxxxxxxxxx "$(kept lend)/in/large")"
wait "$creator"
equal "the job ends well" 0 $?
equal "every task saw the same input" "$sum" "$(sort -u "$work"/out/*)"
equal "all tasks are done" 15 "$(jq -r .job.accepted "$work/swarm.json")"
sent=$(jq -r .sent_bytes "$work/swarm.json")
echo "the creator sent $sent bytes of an input of $input for three providers"
check "the input left the creator" [ "$sent" -ge $input ]
check "and less than twice, for three providers" [ "$sent" -lt $((2 * input)) ]
for name in lend lend2 lend3; do
    check "nothing of the input's swarm stays at $name" within 40 nothing_kept $name
done
equal "nor here" "" "$(find "$work/home/jobs" -name swarm)"

# --- a creator that is killed while he seeds goes on without encrypting anew; one provider takes part in no swarms
stop lend3
printf x | dd of="$work/in/large" conv=notrunc status=none  # else providers would have it already
sum=$(sha256sum <"$work/in/large")
must "the third provider starts without swarms" start_other 3 --no-swarm
# shellcheck disable=SC2016
batch --array 1-9 --in "$work/in" --out "$work/again" -- $box sh -c "$box sleep 2; $box sha256sum <in/large >out/\$TASK" >/dev/null &
creator=$!
must "the next job is on the ledger" within 30 newest_job ".id | tonumber > $job_id"
job_id=$(job ls | jq -r '[.jobs[].id | tonumber] | max')
must "the first provider fetches" within 30 has lend 8
pkill -KILL -P $creator  # the program: $creator is the shell around it
wait $creator 2>/dev/null
key=$(sha256sum <"$(find "$work/home/jobs" -name swarm.json)")
"$sublet" --json job watch --upload-limit 12Mi "$job_id" >"$work/watch.json" 2>>"$work/job.err" &
watcher=$!
check "the provider without swarms has it through its gateway" within 90 [ -s "$(kept lend3)/in/large" ]
check "and nothing of a swarm" [ ! -e "$(kept lend3)/swarm.json" ]
equal "the key is the same" "$key" "$(sha256sum <"$(find "$work/home/jobs" -name swarm.json)")"
wait $watcher
equal "the job ends well after its creator was killed" 0 $?
sent=$(jq -r .sent_bytes "$work/watch.json")
check "two had the rest by swarm: less than twice the input was sent" [ "$sent" -lt $((2 * input)) ]
equal "every task saw the same input again" "$sum" "$(sort -u "$work"/again/*)"
for name in lend lend2 lend3; do check "$name stops" stop $name; done
[ $failures = 0 ]
