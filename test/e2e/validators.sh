#!/usr/bin/env bash
# validators.sh: four founders on CometBFT: LET is bonded by the command line, fees are shared, parameters are changed by a vote, a node that is
# away is jailed by the ledger and left out by CometBFT, and comes back.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

program=$(comet_program) || skip "there is no CometBFT here (./run setup --with-cometbft)"
# The files of a network for trying; stakes with short windows.
comet_first=127.$((1 + $$ / 250 % 250)).$((1 + $$ % 250)).2
must "the files of four nodes" eval '"$sublet" --json net init --folder "$work/net" --validators 4 --first-address "$comet_first" --check-invariants >"$work/nodes.json"'
for i in 0 1 2 3; do
    file=$work/net/node$i/cometbft/config/genesis.json
    jq '.app_state.stake += {signed_blocks_window: "20", jail_ms: "2000", unbonding_ms: "3000", grants_end_permille: "1000"}
        | .app_state.gov = {voting_ms: "6000", proposal_deposit: "1000000", upgrade_notice_blocks: "5"}' "$file" >"$work/changed" && cp "$work/changed" "$file"
done
start_one() { start "node$1" "$sublet" --json node --config "$work/net/node$1/node.toml" --cometbft "$program"; }
for i in 0 1 2 3; do start_one $i; done
for i in 0 1 2 3; do must "node $i has a block" said node$i '"node"'; done
SUBLET_NODE=http://$(address_of 0):26657
export SUBLET_NODE SUBLET_HOME=$work/net SUBLET_PASSPHRASE_FILE=$work/net/passphrase
as() { "$sublet" --json --key "$1" "${@:2}"; }
of() { "$sublet" --json validator show "validator$1" | jq -r "$2"; }
comet_power() { curl -fs --max-time 5 "$SUBLET_NODE/validators" | jq -r --arg key "$(key_of "$1")" '[.result.validators[] | select(.pub_key.value == $key) | .voting_power] | first // "0"'; }
key_of() { jq -r .pub_key.value "$work/net/node$1/cometbft/config/priv_validator_key.json"; }

equal "four founders decide" "active active active active" "$("$sublet" --json validator list | jq -r '[.validators[].state] | join(" ")')"
check "an operator bonds LET of its own" as validator0 validator delegate validator0 1000
check "another one bonds to it" as validator1 validator delegate validator0 500
equal "both are its stake" 1500000000 "$(of 0 .stake)"
within 10 eval '[ "$(comet_power 0)" = 1001500 ]'
equal "CometBFT has the new power" 1001500 "$(comet_power 0)"
earned() { curl -fs --max-time 5 "$SUBLET_NODE/v1/delegations/$1" | jq -r '[.delegations[].to_withdraw | tonumber] | add'; }
second=$(of 1 .operator_address)
as validator2 wallet send "$second" 1 >/dev/null 2>&1
check "fees are shared among stakes" eval '[ "$(earned "$second")" -gt 0 ]'
check "and are paid" as validator1 validator rewards validator0
check "LET leaves" as validator1 validator unbond validator0 500
equal "it is on its way" 500000000 "$(curl -fs "$SUBLET_NODE/v1/delegations/$second" | jq -r '.unbondings[0].entries[0].amount')"
check "it is back after the delay" within 30 eval '[ "$(curl -fs "$SUBLET_NODE/v1/delegations/$second" | jq -r ".unbondings | length")" = 0 ]'

proposal=$(as validator1 gov propose 'shorter memory' --set jail_ms=3000 | jq -r .proposal)
for i in 0 1 2; do check "validator $i votes" as validator$i gov vote "$proposal" yes; done
check "it passes" within 30 eval '[ "$("$sublet" --json gov show "$proposal" | jq -r .state)" = passed ]'
equal "the parameter is what was voted" 3000 "$(curl -fs "$SUBLET_NODE/v1/validators" | jq -r .params.jail_ms)"

kill_hard node3
check "a node that is away is jailed" within 60 eval '[ "$(of 3 .state)" = jailed ]'
check "CometBFT goes on without it" within 10 eval '[ "$(comet_power 3)" = 0 ]'
start_one 3
must "it is started again" said node3 '"node"'
sleep 4
check "it asks to come back" as validator3 validator unjail
check "and decides again" within 20 eval '[ "$(comet_power 3)" = 1000000 ]'
sleep 5
equal "and signs" active "$(of 3 .state)"
for i in 0 1 2 3; do check "node $i is alive, with its invariants" alive node$i; done

# Rules that this program does not know: it executes nothing of them, and says what to do.
at=$(($(curl -fs "$SUBLET_NODE/status" | jq -r .result.sync_info.latest_block_height) + 40))
proposal=$(as validator1 gov propose 'rules to come' --upgrade tomorrow --height $at | jq -r .proposal)
for i in 0 1 2 3; do as validator$i gov vote "$proposal" yes >/dev/null 2>&1; done
check "an upgrade is voted" within 30 eval '[ "$("$sublet" --json gov show "$proposal" | jq -r .state)" = passed ]'
for i in 0 1 2 3; do check "node $i warns of it" within 10 grep -q "upgrade 'tomorrow' begins with block $at" "$work/node$i.err"; done
sentence="block $at is the first of upgrade 'tomorrow'"
for i in 0 1 2 3; do
    check "node $i ends before it" within 60 eval "! alive node$i"
    contains "and says what to do" "$sentence" "$(cat "$work/node$i.err")"
done
again=$(timeout 30 "$sublet" node --config "$work/net/node0/node.toml" --cometbft "$program" 2>&1) || status=$?
equal "started again, it ends again" 1 "$((${status:-0} != 0 && ${status:-0} != 124))"
contains "and says the same" "$sentence" "$again"
exit $((failures > 0))
