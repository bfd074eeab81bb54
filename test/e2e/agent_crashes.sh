#!/usr/bin/env bash
# agent_crashes.sh: the agent is killed at each of its named points, on real containers: it goes on where it was, keeps its
# manifests, starts nothing twice, is paid what was served, and leaves nothing behind.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

"$root/images/build.sh" web >"$work/images.log" 2>&1 || skip "images/build.sh fails: $(tail -n 1 "$work/images.log")"
network_files 'price.cpu_core_hour = "36"' 'price.notice_s = 0' 'price.withdraw_every_s = 1'  # 0.1 core: 1000 ucredit a second
must "the node starts" start_node
driven=() lease='' starts=0

# crash POINT [COMMAND…]: an agent that dies at this point, which the command brings about once it works.
crash() {
    local point=$1 code=0
    shift
    driven+=("$point")
    SUBLET_CRASH_AT=$point start lend "$sublet" --json lend --data "$work/lend" --config "$work/lend.toml" --skip-doctor
    [ $# = 0 ] || { said lend '"provider"' && "$@"; } || { bad "$point: what leads to it" "$(tail -n 1 "$work/lend.err")"; return; }
    if ! within 40 gone "${pids[lend]}" 2>/dev/null; then
        bad "$point is reached" "$(tail -n 1 "$work/lend.err")"
        exit 1
    fi
    wait "${pids[lend]}" 2>/dev/null || code=$?
    unset "pids[lend]"
    equal "$point: killed" 137 "$code"
    [ -z "$lease" ] || sane "$point"
}
# At most one container, network and volume of the lease at any time, and no start that nobody asked for.
sane() {
    local now
    now=$(engine ps -aq --filter "label=sublet.lease=$lease" --filter "label=sublet.agent=${instances[0]}" | wc -l)
    [ "$now" -le 1 ] || bad "$1: one container" "there are $now"
    now=$(started)
    [ -z "$now" ] || [ "$now" -le $starts ] || bad "$1: nothing starts twice" "$now starts, $starts were due"
}
# How often the container has noted its start; nothing while there is no volume.
started() {
    local folder  # by name: podman's volumes match any of two label filters
    folder=$(engine volume ls --filter "label=sublet.agent=${instances[0]}" --format '{{.Name}} {{.Mountpoint}}' | awk -v lease="_${lease}_" 'index($1, lease) { print $2 }')
    [ ! -f "$folder/starts" ] || wc -l <"$folder/starts"
}
rents() {
    start "rent$1" "$sublet" --json rent --deposit "$2" --timeout 120 "$3"
}
newest() { "$sublet" --json lease ls --all | jq -r '[.leases[].id | tonumber] | max // empty'; }
no_containers() { [ -z "$(containers "$lease")" ]; }
forgotten() { python3 - "$work/lend/agent.db" <<'PY'
import sqlite3, sys
left = sqlite3.connect(sys.argv[1]).execute("SELECT id FROM leases WHERE manifest IS NOT NULL").fetchall()
sys.exit(f"manifests of {left} are still kept" if left else 0)
PY
}

for point in before_register after_register before_offer after_offer before_heartbeat after_heartbeat; do crash "$point"; done
lender=$(balance lender)

# ── from the manifest to Ready; the tenant asks again by itself until it has an answer
crash manifest_received rents 1 0.014 "$here/files/counted.yaml"
lease=$(newest)
must "a lease was made" [ -n "$lease" ]
crash manifest_stored
kill_hard rent1  # from here on the agent has the manifest from its own disk or not at all
starts=1
for point in before_pull after_pull before_network after_network before_volume after_volume before_create container_created \
    before_start container_started before_ready after_ready; do crash "$point"; done
first=$(containers "$lease")
equal "its container has been started once" 1 "$(started)"

# ── while it runs: earnings; its money ends and comes back
for point in before_withdraw after_withdraw before_pause after_pause; do crash "$point"; done
check "a top-up" "$sublet" lease top-up "$lease" 0.5
for point in before_unpause after_unpause; do crash "$point"; done
must "the agent starts" start_lend
check "the lease runs again" within 15 is "$lease" .lease.state running
equal "in the same container, started once" "$first" "$(containers "$lease")"
url=$(url_of "$("$sublet" --json lease status "$lease")")
check "and answers" within 10 answers "$url"
kill_hard lend
starts=2
ends_by_itself() { engine kill "$1" >/dev/null; }
crash after_start ends_by_itself "$(cut -d ' ' -f 1 <<<"$first")"
must "the agent starts" start_lend
check "a container that ended was started again" within 15 answers "$url"
equal "once" 2 "$(started)"
kill_hard lend

# ── to the end
closes() { "$sublet" lease close "$lease" >"$work/close.out" 2>&1; }
crash before_stop closes
for point in after_stop before_remove after_remove before_remove_network after_remove_network before_remove_volume \
    after_remove_volume before_forget after_forget; do crash "$point"; done
served=$lease

crash after_create rents 2 0.5 "$here/files/counted.yaml"
lease=$(newest) starts=1
must "the agent starts" start_lend
check "the next lease runs" within 20 is "$lease" .lease.state running
equal "in one container, started once" 1 "$(started)"
check "its tenant, who waited all the time, hears that it runs" within 20 grep -q '"running"' "$work/rent2.out"
check "it closes" "$sublet" lease close "$lease"
check "its container goes" within 30 no_containers
served+=" $lease"
kill_hard lend

sed 's,image: .*,image: 127.0.0.1:1/nothing/here:1,' "$here/files/counted.yaml" >"$work/no-image.yaml"
crash before_end rents 3 0.5 "$work/no-image.yaml"
lease=$(newest) starts=0
crash after_end
must "the agent starts" start_lend
check "the lease whose image cannot be had is closed" within 20 is "$lease" .lease.reason image_failed
served+=" $lease"

equal "every point of the program is driven here" "$("$sublet" lend --list-crash-points | sort | xargs)" \
    "$(printf '%s\n' "${driven[@]}" | sort | xargs)"
paid=0
for lease in $served; do
    check "lease $lease is settled" within 30 settled "$lease"
    paid=$((paid + $(paid_for "$lease")))
    equal "lease $lease: deposited = paid + refunded" "$(field "$lease" .lease.account.deposited)" \
        "$(field "$lease" '(.lease.account.paid | tonumber) + (.lease.account.refunded | tonumber) + (.lease.account.burnt | tonumber)')"
done
check "something was earned" [ "$paid" -gt 10000 ]
equal "the lender has every unit that was paid" "$((lender + paid))" "$(balance lender)"
check "no unit has appeared or vanished" settled_sum tenant lender operator
check "no manifest is kept of what is over" within 15 forgotten
check "the agent stops" stop lend
equal "no container, network, volume or rule is left" "" "$(remains_after 10 "${instances[0]}")"
equal "nor a file of a job" "" "$(find "$work/lend/jobs" -type f)"
equal "nor any other file" "agent.db agent.lock engine gateway.crt gateway.key jobs" "$(find "$work/lend" -mindepth 1 -maxdepth 1 -printf '%f\n' | sort | xargs)"
check "the node stops" stop node
