#!/usr/bin/env bash
# engine_faults.sh: the container engine is slow, breaks off its answers, never answers, goes away, is killed and comes back: the agent recovers
# without a person, starts nothing twice, and an outage is not billed.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files 'price.cpu_core_hour = "36"' 'price.notice_s = 0' "engine.socket = \"$work/proxy.sock\""  # 0.1 core: 1000 ucredit a second

# An engine of somebody else's, with the settings that the agent gives to one of its own.
mkdir -p "$work/lend/engine"
printf '[engine]\nruntime="runc"\ncgroup_manager="cgroupfs"\nevents_logger="file"\n' >"$work/lend/engine/containers.conf"
start_engine() {
    rm -f "$work/engine.sock"
    CONTAINERS_CONF=$work/lend/engine/containers.conf start engine podman system service --time=0 "unix://$work/engine.sock"
    within 10 curl -fsS --unix-socket "$work/engine.sock" http://engine/_ping
}
mode() { echo "$1" >"$work/mode.new" && mv "$work/mode.new" "$work/mode"; }
must "an engine runs" start_engine
mode pass
start proxy python3 "$here/engine_faults/proxy.py" "$work/proxy.sock" "$work/engine.sock" "$work/mode"
must "a proxy stands before it" within 10 [ -S "$work/proxy.sock" ]
cleanup+=('stop proxy; stop engine')
must "a node and a provider run" eval 'start_node && start_lend'
lender=$(balance lender)

leases=()
# rented NAME: a lease that comes to run within a minute.
rented() {
    timeout 60 "$sublet" --json rent --timeout 50 --deposit 0.5 "$here/files/counted.yaml" >"$work/rent.out" 2>"$work/rent.err" || { tail -qn 2 "$work/rent.err" "$work/lend.err"; return 1; }
    lease=$(lease_of "$(cat "$work/rent.out")")
    leases+=("$lease")
}
billed() { field "$1" .billed_ucredit; }
more() { [ "$(billed "$1")" -gt "$2" ]; }

must "a lease runs" rented
first=$lease
before=$(containers "$first")

mode slow
must "with a slow engine another lease comes to run" rented
equal "in one container" 1 "$(containers "$lease" | wc -l)"

mode cut
must "with an engine that breaks off, a third one comes to run" rented
mode pass
equal "in one container" 1 "$(containers "$lease" | wc -l)"
mode cut
check "a lease closes while the engine breaks off" "$sublet" lease close "$lease"
no_containers() { [ -z "$(containers "$1")" ]; }
check "and its container goes" within 60 no_containers "$lease"
mode pass

# ── killed, and started again by its owner
kill_hard engine
sleep 2
must "the engine starts again" start_engine
must "a lease is rented from the restarted engine" rented
equal "the first container is the same, never restarted" "$before" "$(containers "$first")"

# ── gone for longer than it is waited for
mode gone
sleep 24  # the agent waits for 20 s before it says that the machine is down
at=$(billed "$first")
sleep 3
equal "while the engine is gone nothing is billed" "$at" "$(billed "$first")"
equal "and the lease is not lost" running "$(field "$first" .lease.state)"
mode pass
check "with the engine back the bill goes on by itself" within 20 more "$first" "$at"
equal "the container is the same, never restarted" "$before" "$(containers "$first")"

# ── accepts connections, and never answers
provider_says() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/providers" | jq -r ".providers[0].$1"; }
machine_is() { [ "$(provider_says 'machines[0].up')" = "$1" ]; }
complaints() { grep -c 'container engine does not answer' "$work/lend.err"; }
said_before=$(complaints)
must "the machine counts as up" machine_is true
mode silent
check "an engine that takes requests and never answers is a machine that is down, half a minute later" within 32 machine_is false
at=$(billed "$first")
check "the agent answers its owner at once meanwhile" timeout 2 "$sublet" lend --data "$work/lend" status
beat=$(provider_says last_heartbeat)
sleep 8
equal "nothing is billed" "$at" "$(billed "$first")"
equal "the agent has said so once" $((said_before + 1)) "$(complaints)"
check "it goes on with its heartbeats" [ "$(provider_says last_heartbeat)" -gt "$beat" ]
equal "and the lease is not lost" running "$(field "$first" .lease.state)"
mode pass
check "with answers the machine is up and the bill goes on by itself" within 20 more "$first" "$at"
equal "the container is the same, never restarted" "$before" "$(containers "$first")"

# ── an engine of the agent's own, which nobody else would start again
kill_hard lend
sed -i 's/^socket = .*/own = true/' "$work/lend.toml"
must "the agent starts with an engine of its own" start_lend
equal "the container is adopted" "$before" "$(containers "$first")"
own=$(pgrep -P "${pids[lend]}" -x podman)
must "which is its child" [ -n "$own" ]
kill -KILL "$own"
another() { local now; now=$(pgrep -P "${pids[lend]}" -x podman) && [ "$now" != "$own" ]; }
check "killed, it is started again" within 20 another
must "a lease is rented from it" rented
equal "the first container is the same, never restarted" "$before" "$(containers "$first")"

paid=0
for lease in "${leases[@]}"; do
    is "$lease" .lease.state closed || check "lease $lease closes" "$sublet" lease close "$lease"
    check "lease $lease is settled" within 30 settled "$lease"
    paid=$((paid + $(paid_for "$lease")))
done
equal "the lender has every unit that was paid" "$((lender + paid))" "$(balance lender)"
check "no unit has appeared or vanished" settled_sum tenant lender operator
check "the agent stops" stop lend
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
check "the node stops" stop node
