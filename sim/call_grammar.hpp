// call_grammar.hpp: in which order an engine may call an application, after CometBFT's "expected behaviour" for
// ABCI 2.0:
//   life   = *run                                   each ends with a crash
//   run    = info [init-chain] replay *(*check-new height *check-again)
//   replay = *(finalize-block commit)               no transaction is checked before it has caught up
//   height = *round finalize-block *check-new commit
//   round  = [prepare-proposal] [process-proposal]  beside the checks before it, of its own proposal or another's
// init-chain comes exactly when info says height 0. Heights rise by one, block times rise; a height that is executed
// again is the same block and gives the same app hash. The app may lag behind what was decided, never lead. A proposal
// is accepted or refused, nothing else, and one's own is accepted.
// One object watches one replica, over all its runs.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.hpp"
#include "base/units.hpp"

namespace sublet::sim {

class CallGrammar {
public:
    // `decided`: the engine's last block, up to which it replays.
    void info(Height app_height, const Hash& app_hash, Height decided);
    void init_chain();
    void check_new(const Hash& transaction, bool accepted);
    void check_again(const Hash& transaction, bool accepted);
    void prepare_proposal();
    // `status`: as it is answered. `own`: it is what prepare_proposal() gave.
    void process_proposal(std::uint32_t status, bool own);
    void finalize_block(Height height, BlockTime time, const Hash& block, const Hash& app_hash);
    void commit();
    void crash() { phase_ = Phase::kDown; }
    // The first call that was out of order, as a sentence.
    [[nodiscard]] const std::optional<std::string>& problem() const { return problem_; }

private:
    enum class Phase : std::uint8_t { kDown, kNeedsInitChain, kReady, kFinalized };
    struct Executed {
        BlockTime time;
        Hash block{}, app_hash{};
    };
    bool require(bool holds, const std::string& what);

    Phase phase_ = Phase::kDown;
    Height height_, decided_;
    std::map<Height, Executed> executed_;  // in any run
    Height committed_;                     // the highest, in any run
    std::set<Hash> waiting_;               // accepted and not checked again since the last commit
    std::set<Hash> to_check_again_;
    bool may_check_again_ = false;
    std::optional<std::string> problem_;
};

}  // namespace sublet::sim
