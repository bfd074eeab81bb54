// retain.cpp: the least of what is asked for.
#include "engine/cometbft/retain.hpp"

#include <algorithm>

#include "engine/cometbft/loose.hpp"

namespace sublet::engine {
namespace {

// The highest height up to `most` below which all blocks are older than `age_ms`; `least` where none are.
std::uint64_t older_below(const store::Store& store, std::uint64_t least, std::uint64_t most, std::uint64_t age_ms,
                          BlockTime now) {
    while (least < most) {
        const std::uint64_t middle = least + (most - least + 1) / 2;
        const Result<store::StoredBlock> below = store.header(Height{middle - 1});
        if (below && saturating_add(below->header.time, BlockTime{age_ms}) < now) {
            least = middle;
        } else {
            most = middle - 1;
        }
    }
    return least;
}

// What is needed of CometBFT's ConsensusParams (proto/tendermint/types/params.proto).
struct Duration {
    std::uint64_t seconds = 0;
    static constexpr auto fields() { return codec::list(codec::field(1, "seconds", &Duration::seconds)); }
};
struct EvidenceParams {
    std::uint64_t max_age_num_blocks = 0;
    Duration max_age_duration;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "max_age_num_blocks", &EvidenceParams::max_age_num_blocks),
                           codec::field(2, "max_age_duration", &EvidenceParams::max_age_duration));
    }
};
struct ConsensusParams {
    EvidenceParams evidence;
    static constexpr auto fields() { return codec::list(codec::field(2, "evidence", &ConsensusParams::evidence)); }
};

}  // namespace

Result<> covers(const RetainRules& rules, BytesView consensus_params) {
    TRY(params, abci::decode_loosely<ConsensusParams>(consensus_params));
    constexpr std::uint64_t kMsOfSecond = 1'000;
    return rules.keep_blocks == 0 || (params.evidence.max_age_num_blocks <= rules.evidence_blocks &&
                                      params.evidence.max_age_duration.seconds <= rules.evidence_ms / kMsOfSecond)
               ? Result<>{}
               : fail(Code::kUsage, "this network's evidence counts for " +
                                        std::to_string(params.evidence.max_age_num_blocks) + " blocks and " +
                                        std::to_string(params.evidence.max_age_duration.seconds) +
                                        " s, longer than this program keeps blocks for: set keep_blocks to 0");
}

Height retain_height(const RetainRules& rules, const store::Store& store, Height durable, BlockTime now,
                     const SnapshotFolder* snapshots) {
    const std::uint64_t window = std::max(rules.keep_blocks, rules.evidence_blocks);
    if (rules.keep_blocks == 0 || durable.value() <= window) {
        return Height{0};
    }
    std::uint64_t most = durable.value() - window;
    if (snapshots != nullptr && snapshots->makes_any()) {
        most = std::min(most, snapshots->oldest().value_or(Height{0}).value());
    }
    const std::uint64_t first = store.base().value() + 1;
    const std::uint64_t out = most <= first ? 0 : older_below(store, first, most, rules.evidence_ms, now);
    return Height{out <= first ? 0 : out};
}

}  // namespace sublet::engine
