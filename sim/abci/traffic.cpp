// traffic.cpp: rounds, proposals, and what people send meanwhile.
#include <algorithm>

#include "engine/core.hpp"
#include "modules/account/account.hpp"
#include "modules/bank/messages.hpp"
#include "walker.hpp"

namespace sublet::sim {
namespace {

constexpr std::uint32_t kAccept = 1;
constexpr std::uint64_t kRoomyBytes = 4U << 20U;
constexpr std::uint64_t kTightBytes = 3'000;  // a dozen transactions
constexpr std::size_t kMaxSeen = 200;
constexpr std::size_t kMostOfAnother = 40;  // of the mempool, in another's block

}  // namespace

std::vector<Bytes> AbciWalker::decide() {
    const std::uint64_t rounds = dice_.between(0, 3);
    for (std::uint64_t i = 0; i < rounds; ++i) {
        static_cast<void>(dice_.chance(500) ? own_round() : round_of_another());  // nobody had enough votes
    }
    while (true) {
        std::optional<std::vector<Bytes>> out = dice_.chance(500) ? own_round() : round_of_another();
        if (out) {
            return *std::move(out);
        }
    }
}

std::optional<std::vector<Bytes>> AbciWalker::own_round() {
    const bool crowded = burst_at_ != 0 && comet_.stored().value() + 1 >= burst_at_;
    const std::uint64_t room = crowded || dice_.chance(500) ? kTightBytes : kRoomyBytes;
    std::vector<Bytes> proposed = comet_.prepare(comet_.mempool(), room);
    if (dice_.chance(100)) {
        return std::nullopt;  // it was never sent
    }
    static_cast<void>(comet_.process(proposed, true));
    return proposed;
}

std::optional<std::vector<Bytes>> AbciWalker::round_of_another() {
    if (dice_.chance(150)) {  // too many, one too long, too much of them
        const std::uint64_t drawn = dice_.between(0, 9);
        const std::vector<Bytes> wrong =
            drawn < 5 ? std::vector<Bytes>(engine::kMaxBlockTransactions + 1, "tx")
            : drawn < 9
                ? std::vector<Bytes>{Bytes(ledger::kMaxTxBytes + 1, 't')}
                : std::vector<Bytes>(engine::kMaxBlockBytes / ledger::kMaxTxBytes + 1, Bytes(ledger::kMaxTxBytes, 't'));
        if (comet_.process(wrong, false) == kAccept) {
            throw Broken("a proposal that is too large is accepted");
        }
        ++comet_.marks["a proposal is refused"];
        return std::nullopt;
    }
    std::vector<Bytes> proposed = proposal_of_another();
    if (dice_.chance(200)) {
        ++comet_.marks["a block nobody proposed to it"];  // it was late in that round
        return proposed;
    }
    if (comet_.process(proposed, false) != kAccept) {
        throw Broken("a proposal that fits is refused");
    }
    return proposed;
}

// Some of the market's, some of the mempool's, some that are nothing: others' mempools hold other transactions.
std::vector<Bytes> AbciWalker::proposal_of_another() {
    std::vector<Bytes> out;
    for (const Bytes& each : step_.transactions) {
        if (dice_.chance(900)) {
            out.push_back(each);
        }
    }
    for (const Bytes& each : comet_.mempool()) {
        if (out.size() < kMostOfAnother && dice_.chance(600)) {
            out.push_back(each);
        }
    }
    if (dice_.chance(400)) {
        ++comet_.marks["a block of garbage"];
        for (Bytes& each : flood(dice_.between(1, 12))) {
            if (each.size() <= ledger::kMaxTxBytes) {
                out.push_back(std::move(each));
            }
        }
    }
    return out;
}

// ───── what people send ─────

std::uint32_t AbciWalker::verdict(const Bytes& transaction) {
    return static_cast<std::uint32_t>(
        transaction.size() > ledger::kMaxTxBytes ? Code::kTooLarge : market_.world().app().check_tx(transaction).code);
}

void AbciWalker::check(const std::vector<Bytes>& transactions, bool again) {
    for (const Bytes& each : transactions) {
        verdicts_.push_back(verdict(each));
    }
    checks_ += transactions.size();
    comet_.send_checks(transactions, again);
}

void AbciWalker::read_checks() {
    for (const abci::TxAnswer& each : comet_.read_checks()) {
        if (each.code != verdicts_.front()) {
            throw Broken("CheckTx answers " + std::to_string(each.code) + " where the independent App says " +
                         std::to_string(verdicts_.front()) + ": " + each.log);
        }
        verdicts_.pop_front();
    }
}

void AbciWalker::traffic() {
    check(step_.transactions, false);
    const bool burst = burst_at_ == comet_.stored().value() + 1;
    std::vector<Bytes> more = flood(burst ? 0 : dice_.between(0, 40));
    for (std::size_t i = 0; burst && i < kBurst; ++i) {
        more.push_back(crowd_transaction());
    }
    check(more, false);
    if (dice_.chance(500) || burst) {  // the answers wait, and the rest of the node does not
        comet_.look();
        static_cast<void>(comet_.prepare({}, kRoomyBytes));
    }
    read_checks();
}

// Sixteen in a row of each key.
Bytes AbciWalker::crowd_transaction() {
    const std::string who = determinism::Market::crowd_name(crowd_++ / app::kMaxPendingPerAccount % kCrowd);
    const auto account = account::find(market_.world().view(), scenario::World::raw_address(who));
    std::uint64_t& sequence = sequences_[who];
    sequence = std::max(sequence, account ? account->sequence : 0);
    const bank::MsgSend send{scenario::World::address(who),
                             scenario::World::address(determinism::Market::crowd_name(dice_.next() % kCrowd)),
                             {{"ucredit", std::to_string(dice_.between(1, 1'000))}}};
    Bytes out = market_.world().sign(who, {{std::string{bank::MsgSend::kTypeUrl}, codec::encode(send)}},
                                     {.sequence = sequence});
    ++sequence;
    if (seen_.size() < kMaxSeen) {
        seen_.push_back(out);
    } else {
        seen_[dice_.next() % kMaxSeen] = out;
    }
    return out;
}

std::vector<Bytes> AbciWalker::flood(std::size_t count) {
    std::vector<Bytes> out;
    SimRandom random{Dice{dice_.next()}};
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t drawn = dice_.between(0, 99);
        if (drawn < 60 || seen_.empty()) {
            out.push_back(crowd_transaction());
        } else if (drawn < 75) {
            out.push_back(random.bytes(dice_.between(0, 300)));
        } else if (drawn < 85) {
            out.push_back(seen_[dice_.next() % seen_.size()]);
        } else if (drawn < 99) {
            Bytes bent = seen_[dice_.next() % seen_.size()];
            bent[dice_.next() % bent.size()] ^= static_cast<char>(1U << dice_.between(0, 6));
            out.push_back(std::move(bent));
        } else {
            out.emplace_back(ledger::kMaxTxBytes + 1, 't');
        }
    }
    return out;
}

// The state that it is judged by is about to change: what it says is not foretold.
void AbciWalker::while_a_block_is_executed() {
    if (dice_.chance(400)) {
        comet_.look();
    }
    if (dice_.chance(400)) {
        const std::vector<Bytes> late = flood(dice_.between(1, 8));
        checks_ += late.size();
        comet_.send_checks(late, false);
    }
}

}  // namespace sublet::sim
