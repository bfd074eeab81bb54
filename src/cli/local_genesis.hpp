// local_genesis.hpp: keys and first block of the network that `sublet up` starts.
#pragma once

#include <filesystem>

#include "app/app.hpp"
#include "cli/context.hpp"

namespace sublet::cli {

struct LocalKeys {
    Address tenant_address;
    Address lender_address;
    Address operator_address;
    crypto::SecretKey lender;
    crypto::SecretKey operator_key;
};

// Makes `tenant`, `lender` and `operator` and the passphrase file (0600) that unlocks them, or reads those that are
// there.
Result<LocalKeys> local_keys(Context& context, const std::filesystem::path& data);

// One more key under the same passphrase, made where it is not there.
Result<Address> local_key(Context& context, const std::filesystem::path& data, const std::string& name);

// Demo keys with credits, short windows, so that a person sees money arrive, and a faucet that gives 100 credits; a
// chain id and the time of now.
app::Genesis fresh_local_genesis(Context& context, const LocalKeys& keys);
// Writes genesis.json at the first start, reads it later.
Result<app::Genesis> local_genesis(Context& context, const std::filesystem::path& data, const LocalKeys& keys);

}  // namespace sublet::cli
