// snapshot_intake.hpp: what a node that is new takes from strangers: judges offers and chunks, trusts the app hash
// alone. Spec: docs/spec/consensus.md (snapshots); CometBFT v0.38 spec/abci/abci++_methods.md (OfferSnapshot).
#pragma once

#include <optional>

#include "base/units.hpp"
#include "engine/cometbft/snapshots.hpp"
#include "ledger/tree_range.hpp"

namespace sublet::engine {

enum class Offer : std::uint32_t { kAccept = 1, kAbort = 2, kReject = 3, kRejectFormat = 4, kRejectSender = 5 };
enum class Apply : std::uint32_t { kAccept = 1, kAbort = 2, kRetry = 3, kRetrySnapshot = 4, kRejectSnapshot = 5 };

class SnapshotIntake {
public:
    // `target_bytes` is kRangeBytes but in tests.
    explicit SnapshotIntake(std::size_t target_bytes = ledger::kRangeBytes) : target_bytes_(target_bytes) {}

    // Snapshots are of heights above `above`. What is accepted takes the place of what was begun before.
    abci::ResponseOfferSnapshot offer(const abci::RequestOfferSnapshot& request, Height above);
    // Chunks come in their order. What is not a piece of the state is asked for again, of somebody else.
    abci::ResponseApplySnapshotChunk apply(const abci::RequestApplySnapshotChunk& request);

    struct Whole {
        Height height;
        Hash app_hash{};
        ledger::Tree state;
    };
    // Once, when the last chunk was taken.
    std::optional<Whole> take_whole();

private:
    struct Begun {
        Height height;
        Hash app_hash{};
        std::uint32_t chunks = 0;
        std::uint32_t next = 0;
        ledger::RangeTaker taker;
    };
    std::size_t target_bytes_;
    std::optional<Begun> begun_;
};

abci::ResponseOfferSnapshot answer(Offer result);
abci::ResponseApplySnapshotChunk answer(Apply result);

}  // namespace sublet::engine
