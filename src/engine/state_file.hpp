// state_file.hpp: a whole state in one file beside a genesis that names its root: how a network goes on under another
// name. Spec: docs/spec/consensus.md (exported states).
//
// "sublet state 1\n", then for each range of ledger/tree_range.hpp its length (4 bytes, big-endian) and its bytes.
#pragma once

#include <filesystem>
#include <functional>

#include "app/blocks.hpp"
#include "ledger/tree_range.hpp"

namespace sublet::engine {

inline constexpr std::string_view kStateFileOfNode = "genesis.state";  // in a replica's data folder

// Where the state of a genesis file is unless somebody says otherwise: genesis.json has genesis.state beside it.
std::filesystem::path state_file_beside(const std::filesystem::path& genesis);

// Replaces the file. `progress` is called after each range with the leaves that are written. Errors: kIo, kTooLarge.
Result<> write_state_file(const std::filesystem::path& path, const ledger::Tree& state,
                          const std::function<void(std::uint64_t leaves)>& progress = {});
// The state with exactly this root; memory is that of the state and one range. Errors: kIo, kParse (with what is
// wrong).
Result<ledger::Tree> read_state_file(const std::filesystem::path& path, const Hash& root);

// Of a genesis that names a state. Errors: as read_state_file(), kUsage (no file is named).
Result<ledger::Tree> state_of(const app::Genesis& genesis, const std::filesystem::path& state_file);

}  // namespace sublet::engine
