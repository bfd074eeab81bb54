#!/usr/bin/env bash
# demo.sh: `./run demo`: a local network, a real container rented from examples/web.yaml, its bill, its end, and nothing left behind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=steps.sh
. tools/steps.sh

keep=
[ "${1:-}" != --keep ] || keep=1
sublet=$PWD/build/sublet
work=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX")
export SUBLET_HOME=$work/home SUBLET_RUN_ID=${SUBLET_RUN_ID:-demo-$$}
unset SUBLET_PASSPHRASE SUBLET_NODE SUBLET_KEY
network_pid=

stop_network() {
    if [ -n "$network_pid" ] && kill -0 "$network_pid" 2>/dev/null; then
        kill -TERM "$network_pid"
        wait "$network_pid" || true
    fi
    network_pid=
}
discard() { [ -n "$keep" ] || rm -rf "$work"; }
at_exit discard
at_exit stop_network

# indented COMMAND…: shows what is typed and what comes back.
indented() {
    printf '           $ sublet %s\n' "$*"
    "$sublet" "$@" 2>&1 | sed 's/^/           | /'
}

step "look at the machine as it is"
before=$(mktemp)
at_exit "rm -f $before"
tools/leftovers.sh snapshot "$before"

step "build the image sublet/web:1 (2 MB, from Debian's busybox)"
hint "sublet doctor says what the container engine lacks"
logged "$work/images.log" images/build.sh web

step "start a local network: ledger node and provider"
hint "sublet doctor names what is missing and the command that mends it"
"$sublet" up --data "$work/network" >"$work/up.out" 2>"$work/up.err" &
network_pid=$!
for _ in $(seq 300); do
    ! grep -q "^up:" "$work/up.out" 2>/dev/null || break
    kill -0 "$network_pid" 2>/dev/null || { cat "$work/up.err" >&2; fail_step "the network did not start"; }
    sleep 0.1
done
grep -q "^up:" "$work/up.out" || { cat "$work/up.err" >&2; fail_step "the network did not come up within 30 s"; }
sed 's/^/           | /' "$work/up.out"

balance() { "$sublet" wallet balance "$1" --json | jq -r .ucredit; }
step "what the two of them have"
hint "the network's messages are in $work/up.err"
tenant_before=$(balance tenant)
lender_before=$(balance lender)
printf '           tenant %s ucredit, lender %s ucredit\n' "$tenant_before" "$lender_before"

step "rent examples/web.yaml"
indented rent examples/web.yaml
lease=$("$sublet" lease ls --json | jq -r '[.leases[] | select(.state != "closed")][0].id')
url=$("$sublet" lease status "$lease" --json | jq -r '[.. | .uris? // empty | .[]?] | map(select(startswith("http")))[0]')
[ "$url" != null ] || fail_step "the lease has no URL"

step "ask it over HTTP: $url"
hint "sublet lease logs $lease shows what the container says"
curl -fsS --retry 10 --retry-connrefused --retry-delay 1 --max-time 10 "$url" | sed -n '/<title>/p;/<h1>/p' | sed 's/^ */           | /'

step "its status"
indented lease status "$lease"

step "its logs, live"
indented lease logs "$lease" --tail 5

step "the bill ticks"
indented lease status "$lease" -w --for 5

if [ -n "$keep" ]; then
    step_done
    disown "$network_pid"
    cat <<TEXT

It is left running. Look around:
  export SUBLET_HOME=$work/home
  build/sublet lease status $lease        build/sublet lease logs $lease -f
  build/sublet offer ls                   build/sublet lease close $lease
Stop it and clean up:
  kill $network_pid && while kill -0 $network_pid 2>/dev/null; do sleep 0.2; done; rm -rf $work
TEXT
    network_pid=
    exit 0
fi

step "close the lease"
indented lease close "$lease"

step "who was paid and refunded, to the unit"
hint "the network's messages are in $work/up.err"
for _ in $(seq 150); do
    record=$("$sublet" lease status "$lease" --json)
    [ "$(jq -r '.. | .due? // empty' <<<"$record" | head -n 1)" != 0 ] || break
    sleep 0.2
done
"$sublet" lease status "$lease" 2>&1 | sed 's/^/           | /'
tenant_after=$(balance tenant)
lender_after=$(balance lender)
printf '           tenant %s -> %s ucredit, lender %s -> %s ucredit\n' \
    "$tenant_before" "$tenant_after" "$lender_before" "$lender_after"
[ "$lender_after" -gt "$lender_before" ] || fail_step "the lender was not paid"

step "stop the network"
stop_network
discard

step "nothing is left behind"
hint "the list names each leftover; podman ps -a and podman network ls show them too"
tools/leftovers.sh compare "$before" || fail_step "something was left behind"
step_done "nothing"
