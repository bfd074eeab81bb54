// validators.hpp: what CometBFT and the App tell each other of validators.
// Spec: docs/spec/stake.md (the engine's set), docs/spec/consensus.md.
#pragma once

#include "app/blocks.hpp"
#include "engine/cometbft/requests.hpp"

namespace sublet::engine {

// CometBFT's block times rise by a millisecond and more.
BlockTime time_of(const abci::Timestamp& time);
// Who signed the block before, who did wrong, who proposes.
void add_faults(const abci::ProposedBlock& block, app::BlockRequest& request);
std::vector<abci::ValidatorUpdate> updates_of(const std::vector<stake::Update>& updates);
// A ledger that has validators, by its genesis or in the state that it begins with, begins with those of its engine,
// with the same powers. Errors: kConflict.
Result<> same_validators(const std::vector<abci::ValidatorUpdate>& engines, const app::Genesis& genesis,
                         const ledger::View& state);

}  // namespace sublet::engine
