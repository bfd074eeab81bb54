// retain.hpp: which blocks CometBFT may forget. Spec: docs/spec/consensus.md (what a node keeps).
#pragma once

#include "engine/cometbft/snapshot_folder.hpp"
#include "store/store.hpp"

namespace sublet::engine {

// The evidence rules are those of the network's genesis: CometBFT's defaults, unless it says otherwise.
struct RetainRules {
    std::uint64_t keep_blocks = 0;            // at least so many; 0: all
    std::uint64_t evidence_blocks = 100'000;  // evidence counts until it is older than both
    std::uint64_t evidence_ms = 172'800'000;
};

// The lowest height that somebody may still ask this node for, once `durable` is: to replay it, to go on from a
// snapshot, to judge evidence. 0: nothing may go.
Height retain_height(const RetainRules& rules, const store::Store& store, Height durable, BlockTime now,
                     const SnapshotFolder* snapshots);

}  // namespace sublet::engine
