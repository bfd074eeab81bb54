#!/usr/bin/env bash
# wallets.sh: a tenant with nothing but a wallet that signs amino documents: rents, and speaks to the provider's gateway with a token
# that CosmJS signed (ADR-036). Also the chain info as a file.
# shellcheck source=lib/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
# shellcheck source=lib/peers.sh
. "$here/lib/peers.sh"
peers_ready
command -v protoc >/dev/null || skip "there is no protoc here (apt-get install protobuf-compiler)"

network_files 'price.cpu_core_hour = "3.6"'
must "a node and a provider run" eval 'start_node && start_lend'

check "the chain info is written to a file" "$sublet" chain-info --out "$work/chain-info.json"
equal "with this node's address and chain" "$SUBLET_NODE $(jq -r .chain_id "$work/genesis.json")" \
    "$(jq -r '.rpc + " " + .chainId' "$work/chain-info.json")"
equal "the registry's form says the same" "$SUBLET_NODE" "$("$sublet" chain-info --format chain | jq -r .apis.rpc[0].address)"
equal "its coins" "ucredit ulet" "$("$sublet" chain-info --format assets | jq -r '[.assets[].base] | join(" ")')"
equal "behind a proxy with TLS it names that" "https://ledger.example" \
    "$(curl -fsS --max-time 5 -H 'Host: ledger.example' -H 'X-Forwarded-Proto: https' "$SUBLET_NODE/.well-known/chain-info.json" | jq -r .rpc)"
equal "a host that is none is not repeated" "$SUBLET_NODE" \
    "$(curl -fsS --max-time 5 -H 'Host: "><script>' "$SUBLET_NODE/.well-known/chain-info.json" | jq -r .rpc)"

mkdir "$work/js"
cp "$here"/wallets/check.mjs "$here"/amino/contract.mjs "$here"/cosmjs/words.mjs "$work/js"
peers_modules "$work/js"
contract_descriptors "$work/contract.pb"
cd "$work/js" || exit 1
export TENANT_WORDS
TENANT_WORDS=$(node -e 'import("./words.mjs").then((m) => console.log(m.words))')
tenant=$(node -e 'import("@cosmjs/amino").then(async (m) => console.log((await (await m.Secp256k1HdWallet.fromMnemonic(process.env.TENANT_WORDS, {prefix: "sublet"})).getAccounts())[0].address))')
check "the wallet is funded" "$sublet" --key tenant wallet send "$tenant" 10
within 30 eval 'curl -fsS --max-time 5 "$SUBLET_NODE/v1/offers" | jq -e ".offers | length > 0"'
provider=$("$sublet" --json wallet balance lender | jq -r .address)
timeout 120 node check.mjs "$SUBLET_NODE" "$work/contract.pb" "$provider" || failures=$((failures + $?))
cd "$work" || exit 1
