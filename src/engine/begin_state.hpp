// begin_state.hpp: a chain that begins here with a whole state: exported from another chain, or synced from its nodes.
// Spec: docs/spec/consensus.md (snapshots, exported states).
#pragma once

#include <filesystem>

#include "app/app.hpp"
#include "store/store.hpp"

namespace sublet::engine {

// Makes a height that no block here led to what the store begins with. Errors: kConflict, kIo.
Result<> store_beginning(store::Store& store, const app::Committed& state, const app::Genesis& genesis);

// Reads and checks the state that the genesis names, and stores it. Errors: kUsage, kIo, kParse, kBadField, kConflict.
Result<std::unique_ptr<app::App>> begin_exported(store::Store& store, const app::Genesis& genesis,
                                                 const std::filesystem::path& state_file,
                                                 const ledger::Parallel& parallel);

// The genesis of a chain that goes on with `stored` under the name `chain_id`. Errors: kUsage (the same name: what was
// signed for the one would count in the other).
Result<app::Genesis> exported_genesis(const store::StoredState& stored, std::string chain_id);

}  // namespace sublet::engine
