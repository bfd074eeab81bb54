#!/usr/bin/env bash
# agent_disks.sh: an agent whose disk gets full, or cannot be written at its start: it says so, what runs goes on, no manifest that was
# taken is lost, and with room it takes new ones by itself.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
[ "$(id -u)" = 0 ] || skip "mounting a small disk needs root"
"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"

network_files 'price.cpu_core_hour = "3.6"' 'price.notice_s = 0'
mkdir "$work/lend"
mount -t tmpfs -o size=2m,mode=700 sublet-test "$work/lend" 2>"$work/mount.err" || skip "no disk can be mounted here: $(tail -n 1 "$work/mount.err")"
cleanup+=("umount -l '$work/lend'")
must "a node and a provider with a small disk run" eval 'start_node && start_lend'

# rented NAME: a lease; its id in $lease. Fails with what `rent` says.
rented() {
    timeout 60 "$sublet" --json rent --timeout "${1:-40}" --deposit 0.5 "$here/files/counted.yaml" >"$work/rent.out" 2>"$work/rent.err" || { tail -qn 2 "$work/rent.err"; return 1; }
    lease=$(lease_of "$(cat "$work/rent.out")")
}
newest() { "$sublet" --json lease ls --all | jq -r '[.leases[].id | tonumber] | max'; }
billed() { field "$1" .billed_ucredit; }
more() { [ "$(billed "$1")" -gt "$2" ]; }
runs() { is "$1" .lease.state running; }
beats() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | jq -r '.providers[0].last_heartbeat'; }
beats_on() { [ "$(beats)" -gt "$1" ]; }
fill() { dd if=/dev/zero of="$work/lend/ballast" bs=4k 2>/dev/null; true; }
# refused_while NAME: what holds while the disk takes nothing: a lease is refused in words, the first one runs and is billed.
refused_while() {
    local at beat before
    before=$(newest)
    at=$(billed "$first")
    beat=$(beats)
    check "$1: a manifest is not taken, and the tenant hears why" eval '! rented 10 && grep -qi "cannot be written" "$work/rent.err"'
    check "$1: the agent is alive" alive lend
    check "$1: it goes on with its heartbeats" within 10 beats_on "$beat"
    check "$1: the first lease is billed on" within 10 more "$first" "$at"
    equal "$1: in the same container" "$kept" "$(containers "$first")"
    late=$(newest)
    check "$1: the lease without a manifest waits" is "$late" .lease.state assigned
    check "$1: and is a new one" [ "$late" -gt "$before" ]
}

# An agent that should have ended by itself, and might not have.
forget() {
    kill -9 "${pids[$1]}" 2>/dev/null
    unset "pids[$1]"
}

must "a lease runs" rented
first=$lease
kept=$(containers "$first")
must "another one runs, to be closed later" rented
second=$lease

fill
refused_while "on a full disk"
check "on a full disk a lease closes" "$sublet" lease close "$second"
no_containers() { [ -z "$(containers "$1")" ]; }
check "and its container goes" within 30 no_containers "$second"
rm "$work/lend/ballast"
check "with room the manifest is taken" "$sublet" lease manifest "$late"
check "and the lease comes to run" within 40 runs "$late"

# ── killed on a full disk, started on it
fill
kill_hard lend
start lend "$sublet" --json lend --data "$work/lend" --config "$work/lend.toml" --skip-doctor
refused_or_runs() { said lend '"provider"' || { gone "${pids[lend]}" && grep -qi "disk\|space\|written" "$work/lend.err"; }; }
check "a start on a full disk works, or is refused with a sentence" refused_or_runs
alive lend && kill_hard lend
forget lend
rm "$work/lend/ballast"
must "with room it starts" start_lend
check "and adopts what runs" eval 'within 20 runs "$first" && within 20 runs "$late"'
equal "in the same container" "$kept" "$(containers "$first")"

# ── read-only: a copy of the folder, for what runs keeps files of the real one open for writing
kill_hard lend
mkdir "$work/frozen"
mount -t tmpfs -o size=8m,mode=700 sublet-test "$work/frozen"
cleanup+=("umount -l '$work/frozen'")
cp -a "$work/lend/." "$work/frozen/"
must "the disk is read-only" mount -o remount,ro "$work/frozen"
start lend "$sublet" --json lend --data "$work/frozen" --config "$work/lend.toml" --skip-doctor
check "a start on a read-only disk is refused" within 20 gone "${pids[lend]}"
contains "with the folder's name" "$work/frozen" "$(tail -n 3 "$work/lend.err")"
forget lend
must "with a disk that can be written it starts" start_lend
check "no manifest was lost" eval 'within 20 runs "$first" && within 20 runs "$late"'
equal "in the same container" "$kept" "$(containers "$first")"
must "and a new lease runs" rented

equal "nothing was called damaged" 0 "$(grep -c damaged "$work/lend.err")"
for lease in $("$sublet" --json lease ls | jq -r '.leases[].id'); do check "lease $lease closes" "$sublet" lease close "$lease"; done
check "no unit has appeared or vanished" settled_sum tenant lender operator
check "the agent stops" stop lend
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
check "the node stops" stop node
