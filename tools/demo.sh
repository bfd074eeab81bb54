#!/usr/bin/env bash
# demo.sh: `./run demo`: a local network, a real container rented from examples/web.yaml, its bill, its end; then a second lender, and an
# animation that both render, with its video, its page and who was paid for it. Nothing is left behind but those results, in build/demo.
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
network_pid='' second_pid=''
results=${DEMO_RESULTS:-$PWD/build/demo}

stop_process() { # PID, or nothing
    if [ -n "$1" ] && kill -0 "$1" 2>/dev/null; then
        kill -TERM "$1"
        wait "$1" || true
    fi
}
stop_network() {
    stop_process "$second_pid"
    stop_process "$network_pid"
    second_pid='' network_pid=''
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

# --- the second act: an animation on two lenders' machines
step "build the image sublet/blender:3.4 (1.1 GB of Debian's packages, some minutes the first time)"
hint "it needs root and a Debian mirror; images/build.sh blender builds it alone"
logged "$work/images.log" images/build.sh blender

step "make a small animation: 24 frames of 320 x 180 pixels"
hint "tools/demo_scene.py is the program that Blender runs for it"
mkdir -p "$work/scene"
cp tools/demo_scene.py "$work/scene"
(
    # shellcheck source=../images/engine.sh
    . images/engine.sh
    engine_configure "$work/engine"
    logged "$work/scene.log" timeout 120 podman run --rm --network none -v "$work/scene:/scratch" docker.io/sublet/blender:3.4 \
        blender -b --factory-startup --disable-autoexec -noaudio --python-exit-code 1 --python /scratch/demo_scene.py -- /scratch/wave.blend
)
[ -s "$work/scene/wave.blend" ] || fail_step "Blender made no scene"

step "a second lender joins"
hint "what it says is in $work/second.err; --keep is for the first act"
for name in lender2 operator2; do
    SUBLET_PASSPHRASE=only-for-the-demo "$sublet" wallet new "$name" >/dev/null 2>&1
    "$sublet" wallet send "$name" 1 --key tenant >/dev/null 2>&1
done
printf '[keys]\nowner = "lender2"\noperator = "operator2"\n' >"$work/second.toml"
SUBLET_PASSPHRASE=only-for-the-demo "$sublet" --json lend --data "$work/second" --config "$work/second.toml" --skip-doctor \
    >"$work/second.out" 2>"$work/second.err" &
second_pid=$!
for _ in $(seq 300); do
    ! grep -q '"provider"' "$work/second.out" || break
    kill -0 "$second_pid" 2>/dev/null || { cat "$work/second.err" >&2; fail_step "the second lender did not start"; }
    sleep 0.1
done
indented provider ls
before_lender=$(balance lender) before_lender2=$(balance lender2)

step "render it on both machines; the page $results/report.html shows frames as they come"
hint "sublet job ls and sublet job status N show where it stands"
rm -rf "$results"
mkdir -p "$results"
indented --key tenant render "$work/scene/wave.blend" --frames 1-24 --pay 0.001 --memory 1Gi --yes --out "$results" --video wave.mp4 --report
[ -s "$results/wave.mp4" ] || fail_step "there is no video"

step "what was paid to whom"
jq -r '.workers[] | "\(.worker) \(.tasks) \(.seconds) \(.pay_ucredit)"' "$results/report.json" |
    while read -r who frames seconds pay; do
        printf '           %s…%s rendered %s frames in %.1f s and got %s ucredit\n' "${who:0:12}" "${who: -4}" "$frames" "$seconds" "$pay"
    done
after_lender=$(balance lender) after_lender2=$(balance lender2)
printf '           lender %s -> %s ucredit, lender2 %s -> %s ucredit\n' "$before_lender" "$after_lender" "$before_lender2" "$after_lender2"
[ "$after_lender" -gt "$before_lender" ] && [ "$after_lender2" -gt "$before_lender2" ] || fail_step "one of the two rendered nothing"

step "look at it"
printf '           video          %s\n           contact sheet  %s\n           frames         %s\n' \
    "$results/wave.mp4" "$results/report.html" "$results/0001.png to 0024.png"

step "stop the network"
stop_network
discard

step "nothing is left behind"
hint "the list names each leftover; podman ps -a and podman network ls show them too"
tools/leftovers.sh compare "$before" || fail_step "something was left behind"
step_done "nothing"
