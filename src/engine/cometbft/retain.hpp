// retain.hpp: which blocks CometBFT may forget. Spec: docs/spec/consensus.md (what a node keeps).
#pragma once

#include "engine/cometbft/snapshot_folder.hpp"
#include "store/store.hpp"

namespace sublet::engine {

// Evidence of misbehaviour counts until it is older than both; those of a genesis that `sublet net init` makes.
struct RetainRules {
    std::uint64_t keep_blocks = 0;  // at least so many; 0: all
    std::uint64_t evidence_blocks = 1'209'600;
    std::uint64_t evidence_ms = 1'209'600'000;
};

// Whether the network's evidence rules, as InitChain brings them, ask for no more. Errors: kUsage.
Result<> covers(const RetainRules& rules, BytesView consensus_params);

// The lowest height that somebody may still ask this node for, once `durable` is: to replay it, to go on from a
// snapshot, to judge evidence. 0: nothing may go.
Height retain_height(const RetainRules& rules, const store::Store& store, Height durable, BlockTime now,
                     const SnapshotFolder* snapshots);

}  // namespace sublet::engine
