#!/usr/bin/env bash
# restart.sh: kill -9 of node and agent at work: the node is back at its height with the same hash, the agent adopts what runs.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files 'price.cpu_core_hour = "3.6"'  # 0.1 core: 100 ucredit a second, so that a second is seen on the bill
must "the node starts" start_node
must "the agent starts" start_lend
lender=$(balance lender)

node_status() { curl -fsS --max-time 5 "$SUBLET_NODE/v1/status"; }
app_hash() { node_status | jq -r '.height + " " + .app_hash'; }

rented=$("$sublet" --json rent "$here/files/web.yaml" 2>"$work/rent.err")
must "a lease runs" [ "$(jq -r '.leases[0].lease.state' <<<"$rented")" = running ]
lease=$(lease_of "$rented")
url=$(url_of "$rented")
before=$(containers "$lease")

# The agent is frozen meanwhile, or its next heartbeat moves the height between the reading and the kill.
kill -STOP "${pids[lend]}"
sleep 0.3
at=$(app_hash)
kill_hard node
must "the node starts after kill -9" start_node
equal "it is at the same height with the same hash" "$at" "$(app_hash)"
kill -CONT "${pids[lend]}"
check "the agent goes on with it: the ledger grows" within 20 bash -c "[ \$(curl -fsS $SUBLET_NODE/v1/status | jq -r .height) -gt ${at%% *} ]"
equal "the lease still runs" running "$(field "$lease" .lease.state)"
equal "its container is the same, never restarted" "$before" "$(containers "$lease")"
check "it answers" answers "$url"

kill_hard lend
check "the container runs on without its agent" answers "$url"
billed=$(field "$lease" .billed_ucredit)
must "the agent starts after kill -9" start_lend
sleep 1
equal "it adopts the container and starts nothing twice" "$before" "$(containers "$lease")"
check "it answers at the same address" answers "$url"
more() { [ "$(field "$lease" .billed_ucredit)" -gt "$1" ]; }
check "the bill goes on" within 15 more "$((billed + 200))"

# Both die while a lease starts; whatever of it was committed is finished or closed, and paid once.
"$sublet" --json rent --timeout 5 "$here/files/web.yaml" >"$work/second.out" 2>"$work/second.err" &
second=$!
for _ in $(seq 100); do
    [ "$("$sublet" --json lease ls 2>/dev/null | jq '.leases | length')" != 2 ] || break
done
kill_hard lend
kill_hard node
wait "$second"
must "the node starts after both were killed during a rent" start_node
must "the agent starts after both were killed during a rent" start_lend
equal "the first container is still the same" "$before" "$(containers "$lease")"
other=$("$sublet" --json lease ls | jq -r --arg id "$lease" '[.leases[] | select(.id != $id)][0].id // empty')
if [ -n "$other" ]; then
    # The tenant has its file and nonce on disk: sent again, the lease starts as if nothing had been.
    [ "$(field "$other" .lease.state)" = running ] || "$sublet" lease manifest "$other" >"$work/manifest.out" 2>&1
    check "the second lease runs in the end" within 30 is "$other" .lease.state running
    equal "with one container" 1 "$(containers "$other" | wc -l)"
else
    ok "the second lease was never committed"
fi

# A clean stop takes the containers down with it, and the next start brings them back.
check "the agent stops when it is asked to" stop lend
equal "its container does not run meanwhile" silent "$(curl -s --max-time 1 -o /dev/null "$url" || echo silent)"
billed=$(field "$lease" .billed_ucredit)
sleep 2
equal "and costs nothing" "$billed" "$(field "$lease" .billed_ucredit)"
must "the agent starts again" start_lend
check "the page is back at its address" within 20 answers "$url"
equal "in the same container" "$(cut -d ' ' -f 1 <<<"$before")" "$(containers "$lease" | cut -d ' ' -f 1)"

paid=0
for id in "$lease" $other; do
    check "lease $id closes" "$sublet" lease close "$id"
    check "lease $id is settled" within 30 settled "$id"
    paid=$((paid + $(field "$id" .lease.account.paid)))
    equal "lease $id: deposited = paid + refunded" "$(field "$id" .lease.account.deposited)" \
        "$(field "$id" '(.lease.account.paid | tonumber) + (.lease.account.refunded | tonumber) + (.lease.account.burnt | tonumber)')"
done
equal "the lender has every unit that was paid" "$paid" "$(lend --json earnings | jq -r .paid_ever)"
equal "and it is on its account" "$((lender + paid))" "$(balance lender)"
equal "the tenant misses that and its fees" "$((1000000000 - paid - $(fees_of tenant)))" "$(balance tenant)"
check "no unit has appeared or vanished" settled_sum tenant lender operator
check "the agent stops" stop lend
check "the node stops" stop node
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
