# shellcheck shell=bash
# common.sh: sourced by the end-to-end scripts: ok / not ok lines, bounded waits, a small network of one node and one provider with
# short windows, and a cleanup that happens whatever happened before.
#   SUBLET         the program (else build/sublet)        work        a folder that is removed at the end
#   network_files  keys, genesis and lend.toml in $work   start_node, start_lend, kill_hard NAME, stop NAME
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
export here=$root/test/e2e
sublet=${SUBLET:-$root/build/sublet}
script=$(basename "$0" .sh)${E2E_ENGINE:+_$E2E_ENGINE}
work=$(mktemp -d "${TMPDIR:-/tmp}/e2e-$script.XXXXXX")
export SUBLET_HOME=$work/home SUBLET_RUN_ID=${SUBLET_RUN_ID:-$script-$$}
unset SUBLET_NODE SUBLET_KEY SUBLET_PASSPHRASE_FILE SUBLET_PASSPHRASE
declare -A pids=()
# shellcheck source=test/e2e/lib/comet.sh
. "$here/lib/comet.sh"
instances=()
failures=0
cleanup=()

ok() { echo "ok $script: $1"; }
bad() {
    echo "not ok $script: $1${2:+: $(tr '\n' ' ' <<<"$2" | cut -c 1-300)}"
    failures=$((failures + 1))
}
skip() {
    echo "skip $script: $1"
    exit 0
}
# check NAME COMMAND…: ok when it succeeds.
check() {
    local name=$1
    shift
    if "$@" >"$work/check.out" 2>&1; then ok "$name"; else bad "$name" "$(cat "$work/check.out")"; fi  # no subshell: stop waits
}
equal() { if [ "$2" = "$3" ]; then ok "$1"; else bad "$1" "wanted $2, got $3"; fi; }
# contains NAME PART TEXT
contains() { if [[ $3 == *"$2"* ]]; then ok "$1"; else bad "$1" "no \"$2\" in: $3"; fi; }
# within SECONDS COMMAND…: tries until it succeeds.
within() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $until ] || return 1
        sleep 0.1
    done
}
# Ends the script when what follows could not mean anything.
must() {
    local name=$1
    shift
    if ! "$@"; then
        bad "$name" "$(tail -qn 3 "$work"/*.err 2>/dev/null)"
        exit 1
    fi
    ok "$name"
}

# start NAME COMMAND…: in the background; its output is in $work/NAME.out and .err.
start() {
    local name=$1
    shift
    : >"$work/$name.out"
    "$@" >"$work/$name.out" 2>>"$work/$name.err" </dev/null &
    pids[$name]=$!
}
alive() { [ -n "${pids[$1]:-}" ] && kill -0 "${pids[$1]}" 2>/dev/null; }
# said NAME PATTERN: waits until the process says it on its standard output.
said() {
    local until=$((SECONDS + 30))
    until grep -q "$2" "$work/$1.out"; do
        alive "$1" && [ $SECONDS -lt $until ] || return 1
        sleep 0.05
    done
}
kill_hard() {
    kill -KILL "${pids[$1]}" 2>/dev/null
    wait "${pids[$1]}" 2>/dev/null
    unset "pids[$1]"
}
# stop NAME: asks it to end; fails when it does not within 30 s or ends with a failure.
stop() {
    local pid=${pids[$1]:-} status=0
    [ -n "$pid" ] || return 0
    kill -TERM "$pid" 2>/dev/null
    if ! within 30 gone "$pid"; then kill -KILL "$pid"; fi
    wait "$pid" 2>/dev/null || status=$?
    unset "pids[$1]"
    return $status
}
# A child that has ended stays as a zombie until it is waited for.
gone() { ! kill -0 "$1" 2>/dev/null || [ "$(ps -o state= -p "$1" | tr -d ' ')" = Z ]; }

# The name under which the agent with this data folder labels what it makes.
instance_of() { printf 's%s' "$(printf '%s' "$1" | sha256sum | cut -c 1-10)"; }
engine() {
    local configuration=$work/lend/engine/containers.conf
    [ ! -f "$configuration" ] || local -x CONTAINERS_CONF=$configuration
    timeout 60 podman "$@"
}
# What the agent with label $1 has in the engine and in the firewall.
remains_of() {
    engine ps -aq --filter "label=sublet.agent=$1"
    engine network ls -q --filter "label=sublet.agent=$1"
    engine volume ls -q --filter "label=sublet.agent=$1"
    nft list tables 2>/dev/null | grep -x "table inet sublet_${1//-/_}" || true
}
nothing_remains() { [ -z "$(remains_of "$1")" ]; }
# What is left after at most so many seconds, a name a line: a test compares it with nothing.
remains_after() {
    within "$1" nothing_remains "$2" || { remains_of "$2"; engine ps -a --filter "label=sublet.agent=$2" --format '{{.Names}} {{.Status}}'; }
}
remove_remains() {
    engine ps -aq --filter "label=sublet.agent=$1" | while read -r id; do engine unpause "$id"; engine rm -f -t 0 "$id"; done
    engine network ls -q --filter "label=sublet.agent=$1" | while read -r id; do engine network rm -f "$id"; done
    engine volume ls -q --filter "label=sublet.agent=$1" | while read -r id; do engine volume rm -f "$id"; done
    nft delete table inet "sublet_${1//-/_}"
}

# shellcheck disable=SC2317  # called by the trap
finish() {
    local status=$? name instance index
    trap - EXIT
    for name in lend up node "${!pids[@]}"; do stop "$name"; done
    for instance in "${instances[@]}" "${instances[@]/%/-jobs}"; do
        nothing_remains "$instance" || remove_remains "$instance" >/dev/null 2>&1
    done
    for ((index = ${#cleanup[@]} - 1; index >= 0; index--)); do eval "${cleanup[index]}"; done
    if [ -n "${E2E_KEEP:-}" ]; then echo "kept: $work"; else rm -rf "$work"; fi
    [ $status != 0 ] || [ $failures = 0 ] || status=1
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

command -v podman >/dev/null || skip "there is no podman here (apt-get install podman)"
command -v jq >/dev/null || skip "there is no jq here (apt-get install jq)"
[ -x "$sublet" ] || { bad "there is no program at $sublet"; exit 1; }

# network_files [KEY=VALUE…]: keys tenant, lender and operator; a genesis with short windows; lend.toml with these settings.
network_files() {
    export SUBLET_PASSPHRASE=only-for-this-test
    local name who balances='[]' setting
    for name in tenant lender operator; do
        who=$("$sublet" --json wallet new "$name" 2>/dev/null | jq -r .address)
        balances=$(jq --arg a "$who" '. + [{address: $a, denom: "ucredit", amount: "1000000000"}]' <<<"$balances")
    done
    jq -n --arg id "e2e-$script-$$" --arg time "$(date -u +%Y-%m-%dT%H:%M:%S.000000000Z)" --argjson balances "$balances" '
        {chain_id: $id, time: $time, balances: $balances, params: {version: 1,
         heartbeat_interval_ms: "1000", heartbeat_cover_ms: "6000", hold_window_ms: "1500", grace_ms: "120000",
         min_funding_ms: "2000", min_bill_ms: "1000", start_timeout_min_ms: "300000", start_timeout_max_ms: "7200000",
         no_manifest_after_ms: "60000", terms_delay_ms: "5000", order_life_max_ms: "86400000", archive_after_ms: "86400000",
         default_deposit_ms: "86400000", object_bond: "10000", gas_price_nano: "1000000",
         faucet_amount: "100000000", faucet_window_ms: "60000", min_work_stake: "1000000", work_unlock_ms: "60000",
         audit_silence_ms: "20000", audit_again_permille: "50"}}' >"$work/genesis.json"
    {
        echo "[engine]"
        for setting in "$@"; do [[ $setting != engine.* ]] || echo "${setting#engine.}"; done
        echo "[machine]"
        for setting in "$@"; do [[ $setting != machine.* ]] || echo "${setting#machine.}"; done
        echo "[price]"
        for setting in "$@"; do [[ $setting != price.* ]] || echo "${setting#price.}"; done
        echo "[jobs]"
        [[ " $* " == *" jobs.benchmark_image"* ]] || echo 'benchmark_image = ""' # a machine that is busy with it is slow for what is tested
        for setting in "$@"; do [[ $setting != jobs.* ]] || echo "${setting#jobs.}"; done
    } >"$work/lend.toml"
    instances+=("$(instance_of "$work/lend")")
}
start_node() {
    local how=(--data "$work/node" --genesis "$work/genesis.json" --port "${node_port:-0}" --check-invariants)
    if [ "${E2E_ENGINE:-solo}" = cometbft ]; then
        comet_program >/dev/null || skip "there is no CometBFT here (./run setup --with-cometbft)"
        mapfile -t how < <(comet_node_arguments "$work/net" "$work/genesis.json")
    fi
    start node "$sublet" --json node "${how[@]}"
    said node '"node"' || return 1
    SUBLET_NODE=$(jq -r .node "$work/node.out")
    node_port=${SUBLET_NODE##*:}
    export SUBLET_NODE
}
start_lend() {
    start lend "$sublet" --json lend --data "$work/lend" --config "$work/lend.toml" --skip-doctor
    said lend '"provider"'
}
# A second provider beside the first: keys lender2 and operator2, data in $work/lend2.
start_second_lend() { start_another_lend 2; }
# start_another_lend N [CREDITS [SED…]]: keys lenderN and operatorN with so many credits, lend.toml changed by the sed commands.
start_another_lend() {
    provider_files "$@"
    run_another_lend "$1"
}
# provider_files N [CREDITS [SED…]]: the same without a start; nothing where they are there.
provider_files() {
    local number=$1 credits=${2:-1} name
    [ ! -f "$work/lend$number.toml" ] || return 0
    shift; [ $# = 0 ] || shift
    { sed -e "" "$@" "$work/lend.toml"; printf '[keys]\nowner = "lender%s"\noperator = "operator%s"\n' "$number" "$number"; } >"$work/lend$number.toml"
    for name in "lender$number" "operator$number"; do
        "$sublet" wallet new "$name" >/dev/null 2>&1
        "$sublet" wallet send "$name" "$credits" --key tenant >/dev/null 2>&1
    done
    instances+=("$(instance_of "$work/lend$number")")
}
run_another_lend() { # N [OPTION…]
    local number=$1
    shift
    start "lend$number" "$sublet" --json lend --data "$work/lend$number" --config "$work/lend$number.toml" --skip-doctor "$@"
    said "lend$number" '"provider"'
}
lend() { "$sublet" lend --data "$work/lend" "$@"; }

# field LEASE PATH: of the lease's record, as `lease status --json` gives it.
field() { "$sublet" --json lease status "$1" 2>/dev/null | jq -r "$2"; }
is() { [ "$(field "$1" "$2")" = "$3" ]; }
lease_of() { jq -r '.leases[0].lease.id' <<<"$1"; }
# host_port STATUS SERVICE PORT: where the port of the service is reachable; STATUS as `rent --json` or `lease status --json` gives it.
host_port() {
    jq -r --arg s "$2" --argjson p "$3" \
        '[.. | .services? // empty | .[] | select(.name == $s) | .ports[] | select(.container_port == $p) | .host_port][0] // empty' <<<"$1"
}
url_of() { jq -r '[.. | .uris? // empty | .[]][0] // empty' <<<"$1"; }
answers() { curl -fsS --max-time 5 "$1" -o /dev/null; }
balance() { "$sublet" --json wallet balance "$1" | jq -r .ucredit; }
# fees_of KEY: ucredit that it paid for its transactions (at most a hundred of them).
fees_of() {
    local address
    address=$("$sublet" --json wallet balance "$1" | jq -r .address)
    curl -fsSG --max-time 5 "$SUBLET_NODE/tx_search" --data-urlencode "query=\"tx.fee_payer='$address'\"" -d per_page=100 |
        jq '[.result.txs[].tx_result.events[] | select(.type == "tx") | .attributes[] | select(.key == "fee") | .value |
            rtrimstr("ucredit") | tonumber] | add // 0'
}
paid_for() { field "$1" .lease.account.paid; }
# What is on the accounts of these keys, held and taken as fees is what was ever issued.
nothing_vanished() {
    local name sum=0 supply
    for name in "$@"; do sum=$((sum + $(balance "$name"))); done
    supply=$(curl -fsS --max-time 5 "$SUBLET_NODE/v1/supply")
    echo "accounts $sum, $supply"
    jq -e --argjson sum "$sum" '.ucredit | (.issued | tonumber) == $sum + ([.burnt, .held, .fees] | map(tonumber) | add)' <<<"$supply"
}
# The same, read between two blocks: a fee that is paid between the questions is asked for again.
settled_sum() {
    within 10 nothing_vanished "$@" || nothing_vanished "$@"
}
# containers LEASE: "id startedAt state" of each, sorted by name.
containers() {
    local ids
    mapfile -t ids < <(engine ps -aq --no-trunc --sort names --filter "label=sublet.agent=${instances[0]}" --filter "label=sublet.lease=$1")
    [ ${#ids[@]} = 0 ] || engine inspect --format '{{.Id}} {{.State.StartedAt.UnixNano}} {{.State.Status}}' "${ids[@]}"
}
# Everything paid for a closed lease has reached its provider.
settled() { [ "$(field "$1" '.lease.state + " " + .lease.due')" = "closed 0" ]; }

# table_in HEAD COMPARE ROW…: the script's rows as docs/spec/cage.md has them between its markers, compared where COMPARE says anything;
# UPDATE_GOLDEN=1 writes them there.
table_in() {
    local head=$1 compare=$2 document=$root/docs/spec/cage.md table=$work/table.md
    shift 2
    { echo "$head"; sed 's/[^|]\+/---/g' <<<"$head"; printf '%s\n' "$@"; } >"$table"
    if [ -n "${UPDATE_GOLDEN:-}" ]; then
        sed -i -e "/^<!-- $script.sh -->\$/,/^<!-- end -->\$/{/^<!-- /!d}" -e "/^<!-- $script.sh -->\$/r $table" "$document"
    fi
    [ -z "$compare" ] || equal "docs/spec/cage.md has this table (UPDATE_GOLDEN=1 writes it)" "" \
        "$(diff <(sed -n "/^<!-- $script.sh -->\$/,/^<!-- end -->\$/p" "$document" | sed '1d;$d') "$table" | head -n 5)"
}
