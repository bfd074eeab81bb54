// walk.cpp: heights, and what goes wrong at and between them.
#include "walk.hpp"

#include <unistd.h>

#include <chrono>
#include <thread>

#include "engine/crash.hpp"
#include "modules/account/account.hpp"
#include "walker.hpp"

namespace sublet::sim {
namespace {

namespace fs = std::filesystem;
using engine::CrashPoint;

constexpr std::uint64_t kLongestKill_us = 4'000;
constexpr std::size_t kMaxCopies = 3;
constexpr std::uint64_t kMostPasses = 3;  // of a crash point, before it strikes

// Of engine/crash.hpp, those that a replica passes with every block.
constexpr std::array kOfABlock{CrashPoint::kBeforeFinalize, CrashPoint::kBeforeCommit, CrashPoint::kBeforeTip,
                               CrashPoint::kAfterCommit};
constexpr std::array kOfABeginning{CrashPoint::kBeforeBegin, CrashPoint::kAfterBegin};
constexpr std::array<const char*, 8> kInstants{"a block is saved",  "FinalizeBlock is out", "FinalizeBlock is answered",
                                               "Commit is out",     "Commit is answered",   "a height is over",
                                               "a chain has begun", "a block is replayed"};

std::string name_of(CrashPoint point) { return std::string{engine::kCrashPoints[static_cast<std::size_t>(point)]}; }
std::string killed_at(Instant instant) {
    return std::string{"killed when "} + kInstants[static_cast<std::size_t>(instant)];
}
std::string killed_by(const std::string& point) { return "killed at the crash point " + point; }

}  // namespace

std::vector<std::string> must_be_walked() {
    std::vector<std::string> out{"InitChain again, before a block",
                                 "InitChain again, with blocks to replay",
                                 "S = T + 1, A = S: nothing is replayed",
                                 "S = T + 1: the last block is replayed",
                                 "several blocks are replayed",
                                 "an older disk",
                                 "an empty disk",
                                 "CometBFT starts again alone",
                                 "a connection ends within a request",
                                 "a proposal is refused",
                                 "a block nobody proposed to it",
                                 "a block of garbage",
                                 "thousands of rechecks, unread",
                                 "a snapshot is read beside everything else",
                                 "a validator is accused",
                                 "a validator goes",
                                 "a validator comes or has other power"};
    for (std::size_t i = 0; i < kInstants.size(); ++i) {
        out.push_back(killed_at(static_cast<Instant>(i)));
    }
    for (const CrashPoint each : kOfABlock) {
        out.push_back(killed_by(name_of(each)));
    }
    for (const CrashPoint each : kOfABeginning) {
        out.push_back(killed_by(name_of(each)));
    }
    return out;
}

AbciWalker::AbciWalker(std::uint64_t seed, const std::string& plant)
    : dice_(Dice{seed}.fork("walk")),
      market_({.bent_at = 0, .dice = seed, .crowd = kCrowd, .validators = kFounders}),
      comet_({.folder = folder_.path(), .plant = plant, .genesis = market_.genesis(), .seed = seed}) {
    comet_.at = [this](Instant instant) { kill_at(instant); };
    comet_.beside = [this] { while_a_block_is_executed(); };
    market_.world().check_every = 1;
    lazy_ = dice_.between(0, kFounders - 1);
    burst_at_ = dice_.chance(300) ? dice_.between(kWalkHeights - 4, kWalkHeights - 2) : 0;
}

void AbciWalker::kill_at(Instant instant) {
    const bool now = trouble_.kill == instant;
    const bool replayed = instant == Instant::kReplaying && dice_.chance(80);
    if (!now && !replayed) {
        if (instant == Instant::kFinalized || instant == Instant::kCommitted) {
            comet_.look();
        }
        return;
    }
    std::this_thread::sleep_for(std::chrono::microseconds{now ? trouble_.after_us : 0});
    trouble_.kill.reset();
    ++comet_.marks[killed_at(instant)];
    comet_.kill();
    throw Died("it was killed");
}

void AbciWalker::first_start() {
    if (dice_.chance(400)) {
        armed_ = name_of(kOfABeginning[dice_.next() % kOfABeginning.size()]);
    }
    trouble_.kill = dice_.chance(500) ? std::optional{Instant::kChainBegun} : std::nullopt;
    comet_.begin(armed_);
    try {
        comet_.handshake();
        if (dice_.chance(200)) {
            comet_.dial_again();
        }
    } catch (const Died&) {
        come_back();
    }
}

void AbciWalker::come_back() {
    if (!armed_.empty() && !comet_.process().was_killed()) {
        ++comet_.marks[killed_by(armed_)];
    }
    armed_.clear();
    verdicts_.clear();
    sequences_.clear();
    comet_.recover();
    market_.world().app().reset_pending();
}

void AbciWalker::run(WalkReport& report) {
    first_start();
    while (report.heights < kWalkHeights) {
        height();
        ++report.heights;
        report.transactions += comet_.decided().back().block.txs.size();
        report.checks = checks_;
    }
    comet_.kill();
    comet_.recover();  // whatever happened, it comes back once more
    comet_.judge();
}

// What became durable is durable; what was decided is replayed; everything else begins anew.
void AbciWalker::height() {
    const Height wanted{comet_.stored().value() + 1};
    const bool first = wanted.value() == 1;
    step_ = first ? determinism::Step{determinism::kFirstBlock, {}} : market_.draw();
    if (!first) {
        draw_faults();
    }
    trouble_ = {};
    if (dice_.chance(350)) {
        trouble_.kill = static_cast<Instant>(dice_.between(0, static_cast<std::uint64_t>(Instant::kStateSaved)));
        trouble_.after_us = dice_.between(0, kLongestKill_us);
    }
    for (bool over = false; !over;) {
        try {
            if (!first) {
                between_heights();
                traffic();
            }
            const determinism::Step decided{step_.passed, first ? std::vector<Bytes>{} : decide()};
            const app::BlockResult result = first ? market_.world().last() : market_.execute(decided);
            time_ = saturating_add(first ? market_.genesis().time : time_, BlockTime{step_.passed.value()});
            abci::ProposedBlock block = comet_.next_block(decided.transactions, time_);
            tell_faults(block);
            comet_.decide({std::move(block), result});
            comet_.execute();
            over = true;
        } catch (const Died&) {
            come_back();
            over = comet_.stored() == wanted;
        }
    }
    check_again();
}

void AbciWalker::check_again() {
    try {
        check(comet_.mempool(), true);
        if (verdicts_.size() > kBurst / 2) {
            ++comet_.marks["thousands of rechecks, unread"];
            comet_.look();
        }
        read_checks();
        ask_what_is_known();
    } catch (const Died&) {
        come_back();
    }
}

void AbciWalker::between_heights() {
    const std::uint64_t drawn = dice_.between(0, 99);
    if (drawn < 8) {  // it strikes at one of the next blocks
        armed_ = name_of(kOfABlock[dice_.next() % kOfABlock.size()]);
        comet_.kill();
        comet_.begin(armed_ + ":" + std::to_string(dice_.between(1, kMostPasses)));
        comet_.handshake();
        sequences_.clear();
        market_.world().app().reset_pending();
    } else if (drawn < 16) {
        older_disk();
    } else if (drawn < 22) {
        ++comet_.marks["CometBFT starts again alone"];
        comet_.dial_again();
    } else if (drawn < 40) {
        ++comet_.marks["a connection ends within a request"];
        comet_.break_off();
    }
}

// The folder is copied, or is what it was at an earlier height, or nothing is left of it.
void AbciWalker::older_disk() {
    comet_.kill();
    const fs::path ledger = comet_.process().ledger();
    if (copies_.size() < kMaxCopies && dice_.chance(500)) {
        copies_.push_back(folder_.path() / ("copy-" + std::to_string(copies_.size())));
        fs::copy(ledger, copies_.back(), fs::copy_options::recursive);
    } else {
        fs::remove_all(ledger);
        const bool empty = copies_.empty() || dice_.chance(300);
        ++comet_.marks[empty ? "an empty disk" : "an older disk"];
        if (!empty) {
            fs::copy(copies_[dice_.next() % copies_.size()], ledger, fs::copy_options::recursive);
        }
        comet_.forget_commits();
    }
    throw Died("it was killed");
}

void AbciWalker::ask_what_is_known() {
    const Bytes key =
        account::account_key(scenario::World::raw_address(determinism::Market::crowd_name(dice_.next() % kCrowd)));
    const std::optional<BytesView> own = market_.world().view().get(key);
    const abci::ResponseQuery found = comet_.query(key);
    if (found.value != Bytes{own.value_or("")} || (own && !found.proof_ops)) {
        throw Broken("a query is answered with another value than the independent App's");
    }
}

WalkReport walk(std::uint64_t seed, const std::string& plant) {
    WalkReport out{.seed = seed};
    const auto begun = std::chrono::steady_clock::now();
    AbciWalker walker{seed, plant};
    try {
        walker.run(out);
    } catch (const Halted& gave_up) {
        out.why = std::string{"the replica gave up: "} + gave_up.what();
    } catch (const std::exception& broken) {
        out.why = broken.what();
    }
    out.marks = walker.marks();
    out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    return out;
}

}  // namespace sublet::sim
