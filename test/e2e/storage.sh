#!/usr/bin/env bash
# storage.sh: a creator brings a job to two providers that offer storage and leaves; a third provider that comes afterwards has it from them and
# does tasks; the creator comes back and fetches all. A next job with the same input sends nothing; a small input is kept too; what is deleted is signed for.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files
sed -i 's/^\[jobs\]$/[jobs]\nstorage_gib = 1/' "$work/lend.toml"
grep -q '^storage_gib' "$work/lend.toml" || printf '[jobs]\nstorage_gib = 1\n' >>"$work/lend.toml"
must "the node starts" start_node
must "a provider with storage starts" start_lend
start_other() { # NUMBER OPTION…: one more provider, with keys of its own; again after a kill
    provider_files "$1"
    run_another_lend "$@"
}
must "a second one starts" start_other 2

box=/bin/busybox
input=16777216
batch() { # OPTION… -- COMMAND…
    "$sublet" --json batch --yes --image sublet/web:1 --pay 0.001 --cores 0.2 --memory 64Mi "$@" 2>>"$work/batch.err"
}
job() { "$sublet" --json job "$@" 2>>"$work/job.err"; }
kept() { echo "$work/$1/jobs/$job_id"; }
accepted_or_shown() { job status "$job_id" | jq -e "(.job.accepted + .job.in_review) >= $1"; }
did() { job status --all "$job_id" | jq -e --arg who "$1" '[.tasks[] | select(.worker == $who and (.state | test("review|accepted")))] | length > 0'; }
address_of() { "$sublet" --json wallet ls | jq -r --arg name "$1" '.. | objects | select(.name? == $name) | .address'; }

mkdir -p "$work/in"
head -c $((input - 4096)) /dev/urandom >"$work/in/large"
sum=$(sha256sum <"$work/in/large")
# shellcheck disable=SC2016  # $TASK is the task's
batch --detach --array 1-30 --window 600 --in "$work/in" --out "$work/out" -- $box sh -c "$box sleep 2; $box sha256sum <in/large >out/\$TASK" >"$work/left.json"
equal "the creator may leave" 0 $?
job_id=$(jq -r .job "$work/left.json")
equal "two providers keep it" 2 "$(jq -r .keepers "$work/left.json")"
lend_status() { "$sublet" --json lend --data "$work/lend" status; }
equal "the owner sees what is kept for whom" "$(address_of tenant) $job_id" "$(lend_status | jq -r '.storage.creators[0] | "\(.creator) \(.jobs[0])"')"
check "and how much that is" [ "$(lend_status | jq .storage.used_bytes)" -gt $((input - 8192)) ]
sed -i 's/^storage_gib = 1$/storage_gib = 0/' "$work/lend.toml"
kill_hard lend
must "one of the two vanishes, and a third provider, without storage, starts" start_other 3
came=$(date +%s%3N)
sed -i 's/^storage_gib = 0$/storage_gib = 1/' "$work/lend.toml"
check "it has the input from the other that keeps it" within 60 [ -s "$(kept lend3)/in/large" ]
echo "it had $input bytes $(($(date +%s%3N) - came)) ms after it came"
must "the one that vanished starts again" start_lend
check "by their swarm" [ -s "$(kept lend3)/swarm/input" ]
check "it does tasks" within 60 did "$(address_of lender3)"
check "all tasks are done while their creator is away" within 120 accepted_or_shown 30
equal "nothing is fetched yet" "" "$(ls "$work/out" 2>/dev/null)"
job watch "$job_id" >"$work/watch.json"
equal "the job ends well for the creator who comes back" 0 $?
equal "every task saw the same input" "$sum" "$(sort -u "$work"/out/*)"
equal "all are here" 30 "$(find "$work/out" -type f | wc -l)"
equal "he sent nothing more" 0 "$(jq -r .sent_bytes "$work/watch.json")"

# --- the same input again, within an hour after the first job: it is there already, with those that keep it and the third one
first_job=$job_id
# shellcheck disable=SC2016
batch --detach --array 1-6 --in "$work/in" --out "$work/again" -- $box sh -c "$box sha256sum <in/large >out/\$TASK" >"$work/left.json"
equal "the creator may leave again" 0 $?
job_id=$(jq -r .job "$work/left.json")
equal "two keep the next job too" 2 "$(jq -r .keepers "$work/left.json")"
equal "and nothing was sent for it" 0 "$(jq -r .sent_bytes "$work/left.json")"
inode() { stat -c %i "$work/$1/jobs/$2/in/large"; }
equal "the input lies there once" "$(inode lend "$first_job")" "$(inode lend "$job_id")"
check "the third provider is brought the job" within 60 [ -s "$(kept lend3)/in/large" ]
equal "and had its input" "$(inode lend3 "$first_job")" "$(inode lend3 "$job_id")"
job watch "$job_id" >"$work/watch.json"
equal "the next job ends well" 0 $?
equal "its tasks saw the same input" "$sum" "$(sort -u "$work"/again/*)"

# --- receipts: the first job goes, the second keeps what both have; one provider is away, and comes back
stop lend3
job forget --yes "$first_job" >"$work/forget.json" 2>/dev/null
equal "somebody owes his word" 1 $?
equal "two have signed" 2 "$(jq '[.providers[] | select(.answer == "confirmed")] | length' "$work/forget.json")"
equal "one is silent" 1 "$(jq '[.providers[] | select(.answer == "silent")] | length' "$work/forget.json")"
contains "they say what stays and for what" "stays for job $job_id" "$(cat "$work/forget.json")"
check "nothing of it is there any more" [ ! -e "$work/lend/jobs/$first_job" ]
check "what the next job has of it is" [ -s "$(kept lend)/in/large" ]
must "the third provider comes back" start_other 3
check "then all have signed" within 20 job forget --yes "$first_job"
equal "three receipts are kept" 3 "$(find "$work/home/receipts" -path "*-$first_job/*.jwt" | wc -l)"
check "and nothing of the job here" [ ! -e "$work/home/jobs/"*"-$first_job" ]

# --- a small input is kept whole
mkdir -p "$work/few"
echo few >"$work/few/bytes"
# shellcheck disable=SC2016
batch --detach --array 1-3 --window 600 --in "$work/few" --out "$work/small" -- $box sh -c "$box sleep 1; $box cp in/bytes out/\$TASK" >"$work/left.json"
job_id=$(jq -r .job "$work/left.json")
equal "a small input is kept too" 2 "$(jq -r .keepers "$work/left.json")"
"$sublet" job forget --yes "$job_id" >/dev/null 2>"$work/forget.err"
equal "a job that goes on is not forgotten" 1 $?
contains "and it says how it ends" "job cancel $job_id" "$(cat "$work/forget.err")"
check "the third provider has it from them" within 60 [ -s "$(kept lend3)/in/bytes" ]
job watch "$job_id" >/dev/null
equal "it ends well" 0 $?
equal "with what was sent" few "$(sort -u "$work"/small/*)"
for name in lend lend2 lend3; do check "$name stops" stop $name; done
[ $failures = 0 ]
