// genesis.hpp: the genesis file: JSON with chain_id, time, params, balances and validators.
//
//   {"chain_id": "sublet-local-1", "time": "2026-01-01T00:00:00Z", "params": {"hold_window_ms": 5000},
//    "balances": [{"address": "sublet1…", "denom": "ucredit", "amount": "1000000"}]}
// or, of a network that goes on with the state of another one (state_file.hpp), in the place of the last two:
//    "state_height": "1200", "state_root": "9f86…"}
// A network with validators names them: "validators": [{"address": "sublet1…" (of the operator), "public_key":
// "base64", "power": "10", "name": "ann"}], and "stake": {"unbonding_ms": …} where its parameters are others than the
// defaults. Parameters that are left out keep their defaults; 64-bit numbers may be strings or integers; unknown names
// are errors.
#pragma once

#include <filesystem>
#include <string>

#include "app/app.hpp"

namespace sublet::engine {

inline constexpr std::size_t kMaxGenesisBytes = 64U << 20U;

// Errors: kParse, naming the field. Whether balances and parameters hold together is the App's to say.
Result<app::Genesis> genesis_from_json(std::string_view text);
std::string genesis_to_json(
    const app::Genesis& genesis);  // two spaces, every parameter written out, newline at the end

// Errors: kIo (which file, why), kParse.
Result<app::Genesis> read_genesis(const std::filesystem::path& path);
Result<> write_genesis(const std::filesystem::path& path, const app::Genesis& genesis);

// SHA-256 of the canonical bytes: two nodes of one chain agree on it.
Hash genesis_hash(const app::Genesis& genesis);

}  // namespace sublet::engine
