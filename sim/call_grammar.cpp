// call_grammar.cpp: one rule per call.
#include "call_grammar.hpp"

#include <utility>

namespace sublet::sim {
namespace {

constexpr std::uint32_t kAccept = 1;
constexpr std::uint32_t kReject = 2;

}  // namespace

bool CallGrammar::require(bool holds, const std::string& what) {
    if (!holds && !problem_) {
        problem_ = "the engine's calls: " + what;
    }
    return holds;
}

void CallGrammar::info(Height app_height, const Hash& app_hash, Height decided) {
    require(phase_ == Phase::kDown, "Info within a run");
    require(app_height <= decided, "the application leads");
    require(app_height <= committed_, "Info tells of a height that was never committed");
    if (!app_height.is_zero() && executed_.contains(app_height)) {
        require(executed_.at(app_height).app_hash == app_hash, "Info tells another app hash than FinalizeBlock did");
    }
    phase_ = app_height.is_zero() ? Phase::kNeedsInitChain : Phase::kReady;
    height_ = app_height;
    decided_ = decided;
    waiting_.clear();
    to_check_again_.clear();
    may_check_again_ = false;
}

void CallGrammar::init_chain() {
    require(phase_ == Phase::kNeedsInitChain, "InitChain where Info did not tell of height 0");
    phase_ = Phase::kReady;
}

void CallGrammar::check_new(const Hash& transaction, bool accepted) {
    require(phase_ == Phase::kReady || phase_ == Phase::kFinalized, "CheckTx before the handshake");
    require(height_ >= decided_, "CheckTx before the replay has caught up");
    may_check_again_ = false;
    if (accepted) {
        waiting_.insert(transaction);
    }
}

void CallGrammar::check_again(const Hash& transaction, bool accepted) {
    require(phase_ == Phase::kReady && may_check_again_, "a recheck that does not follow a Commit");
    require(to_check_again_.erase(transaction) == 1, "a recheck of what was never accepted, or for the second time");
    if (accepted) {
        waiting_.insert(transaction);
    }
}

void CallGrammar::prepare_proposal() {
    require(phase_ == Phase::kReady && height_ >= decided_, "a proposal is asked for before the last height is over");
}

void CallGrammar::process_proposal(std::uint32_t status, bool own) {
    require(phase_ == Phase::kReady && height_ >= decided_, "a proposal comes before the last height is over");
    require(status == kAccept || status == kReject, "a proposal is neither accepted nor refused");
    require(!own || status == kAccept, "the application refuses what it proposed itself");
}

void CallGrammar::finalize_block(Height height, BlockTime time, const Hash& block, const Hash& app_hash) {
    require(phase_ == Phase::kReady, "FinalizeBlock before the handshake, or twice without a Commit");
    require(height.value() == height_.value() + 1, "FinalizeBlock of a height that is not the next");
    const auto before = executed_.find(height_);
    require(before == executed_.end() || time > before->second.time, "a block whose time does not rise");
    const auto [there, is_new] = executed_.try_emplace(height, Executed{time, block, app_hash});
    require(is_new || (there->second.block == block && there->second.time == time),
            "a height with another block than before");
    require(is_new || there->second.app_hash == app_hash, "a replayed block gives another app hash");
    phase_ = Phase::kFinalized;
    height_ = height;
    decided_ = std::max(decided_, height);
}

void CallGrammar::commit() {
    require(phase_ == Phase::kFinalized, "Commit without FinalizeBlock");
    phase_ = Phase::kReady;
    committed_ = std::max(committed_, height_);
    to_check_again_ = std::exchange(waiting_, {});
    may_check_again_ = true;
}

}  // namespace sublet::sim
