// local_genesis.cpp: makes the demo keys and the genesis of a local network.
#include "cli/local_genesis.hpp"

#include "engine/genesis.hpp"

namespace sublet::cli {
namespace {

constexpr std::uint64_t kUcredit = 1'000'000;
// The passphrase is 256 random bits: stretching it adds nothing.
constexpr std::uint64_t kLocalScryptN = 1U << 10U;

Result<std::string> passphrase_of(Context& context, const std::filesystem::path& data) {
    const std::filesystem::path file = data / "passphrase";
    if (!context.files->exists(file)) {
        const std::string fresh = to_hex(context.random->bytes(32));
        TRY_OK(context.files->write(file, fresh + "\n", 0600));
        return fresh;
    }
    TRY(text, context.files->read(file));
    std::string line = std::move(text);
    return line.substr(0, line.find('\n'));
}

Result<client::UnlockedKey> key_of(client::Keyring& keyring, const std::filesystem::path& folder, Context& context,
                                   const std::string& name, const std::string& passphrase) {
    if (!context.files->exists(folder / (name + ".json"))) {
        TRY(created, keyring.create(name, passphrase));
        (void)created;
    }
    return keyring.unlock(name, passphrase);
}

ledger::Params local_params() {
    ledger::Params out;
    out.heartbeat_interval_ms = 10'000;
    out.heartbeat_cover_ms = 30'000;
    out.hold_window_ms = 3'000;
    out.grace_ms = 120'000;
    out.min_funding_ms = 60'000;
    out.no_manifest_after_ms = 60'000;
    out.terms_delay_ms = 5'000;
    out.faucet_amount = Amount{100 * kUcredit};
    out.faucet_window_ms = 60'000;
    return out;
}

app::GenesisBalance balance(const Address& address, std::uint64_t credits) {
    return {crypto::to_bech32(address), std::string{bank::kCredit}, Amount{credits * kUcredit}};
}

}  // namespace

Result<LocalKeys> local_keys(Context& context, const std::filesystem::path& data) {
    TRY(passphrase, passphrase_of(context, data));
    const std::filesystem::path folder = data / "keys";
    client::Keyring keyring{*context.files, *context.random, folder, client::KeyringOptions{kLocalScryptN}};
    TRY(tenant, key_of(keyring, folder, context, "tenant", passphrase));
    TRY(lender, key_of(keyring, folder, context, "lender", passphrase));
    TRY(hot, key_of(keyring, folder, context, "operator", passphrase));
    return LocalKeys{tenant.info.address, lender.info.address, hot.info.address, lender.secret, hot.secret};
}

Result<Address> local_key(Context& context, const std::filesystem::path& data, const std::string& name) {
    TRY(passphrase, passphrase_of(context, data));
    const std::filesystem::path folder = data / "keys";
    client::Keyring keyring{*context.files, *context.random, folder, client::KeyringOptions{kLocalScryptN}};
    TRY(key, key_of(keyring, folder, context, name.c_str(), passphrase));
    return key.info.address;
}

app::Genesis fresh_local_genesis(Context& context, const LocalKeys& keys) {
    app::Genesis genesis;
    genesis.chain_id = "sublet-local-" + to_hex(context.random->bytes(4));
    genesis.time = BlockTime{context.clock->unix_ms()};
    genesis.params = local_params();
    genesis.balances = {balance(keys.tenant_address, 1'000), balance(keys.lender_address, 1'000),
                        balance(keys.operator_address, 100)};
    return genesis;
}

Result<app::Genesis> local_genesis(Context& context, const std::filesystem::path& data, const LocalKeys& keys) {
    const std::filesystem::path file = data / "genesis.json";
    if (context.files->exists(file)) {
        return engine::read_genesis(file);
    }
    app::Genesis genesis = fresh_local_genesis(context, keys);
    TRY_OK(engine::write_genesis(file, genesis));
    return genesis;
}

}  // namespace sublet::cli
