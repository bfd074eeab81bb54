// validators.cpp: who signs, who does not, who votes twice, and what validators send.
#include <algorithm>

#include "engine/cometbft/validators.hpp"
#include "modules/stake/messages.hpp"
#include "walker.hpp"

namespace sublet::sim {
namespace {

using determinism::Market;
using scenario::World;

constexpr std::uint64_t kKeys = 2 * kFounders;
constexpr std::uint64_t kMostBlocksBack = 12;  // of evidence; older than kBuckets blocks is too old
constexpr std::uint64_t kBond = 5'000'000;     // ulet, of a message

ledger::Any message_of(std::uint64_t drawn, const std::string& who, const std::string& other, std::uint64_t ulet) {
    const Amount amount{ulet};
    const auto wrapped = [](const auto& message) {
        return ledger::Any{std::string{std::remove_cvref_t<decltype(message)>::kTypeUrl}, codec::encode(message)};
    };
    switch (drawn) {
        case 0:
        case 1:
            return wrapped(stake::MsgCreateValidator{World::address(who), Bytes{view_of(World::consensus_key(who))},
                                                     who, 0, amount});
        case 2:
            return wrapped(stake::MsgDelegate{World::address(who), World::address(other), amount});
        case 3:
            return wrapped(stake::MsgUnbond{World::address(who), World::address(other), amount});
        default:
            return wrapped(stake::MsgUnjail{World::address(who)});
    }
}

}  // namespace

// One of them is lazy for the whole walk, the others now and then.
void AbciWalker::draw_faults() {
    World& world = market_.world();
    world.absent.clear();
    for (std::uint64_t i = 0; i < kKeys; ++i) {
        if (dice_.chance(i == lazy_ ? 800 : 50)) {
            world.absent.insert(Market::validator_name(i));
        }
    }
    if (dice_.chance(100)) {
        const std::uint64_t back = dice_.between(1, kMostBlocksBack);
        const std::uint64_t height = std::max(comet_.stored().value(), back) - back + 1;
        const std::string who = Market::validator_name(dice_.between(0, kKeys - 1));
        world.report({.address = stake::consensus_address(World::consensus_key(who)),
                      .height = Height{height},
                      .time = engine::time_of(comet_.decided().at(height - 1).block.time),
                      .total_power = world.power(who),
                      .offence = static_cast<stake::Offence>(dice_.between(0, 2))});
        ++comet_.marks["a validator is accused"];
    }
    if (dice_.chance(400)) {
        const std::string who = Market::validator_name(dice_.between(0, kKeys - 1));
        const std::string other = dice_.chance(500) ? who : Market::validator_name(dice_.between(0, kKeys - 1));
        step_.transactions.push_back(
            world.sign(who, {message_of(dice_.between(0, 5), who, other, dice_.between(kBond / 2, kBond))}));
    }
}

// What the independent App was told of validators, in ABCI's shapes.
void AbciWalker::tell_faults(abci::ProposedBlock& block) {
    const auto of = [](const stake::ConsensusAddress& address, std::uint64_t power) {
        return abci::Validator{Bytes{view_of(address)}, power};
    };
    for (const stake::Vote& each : market_.world().last_request().votes) {
        const auto present = dice_.chance(900) ? abci::BlockIdFlag::kCommit : abci::BlockIdFlag::kNil;
        block.last_commit.votes.push_back(
            {of(each.address, each.power), each.present ? present : abci::BlockIdFlag::kAbsent});
    }
    for (const stake::Misbehavior& each : market_.world().last_request().misbehavior) {
        block.misbehavior.push_back({.type = static_cast<std::uint32_t>(each.offence),
                                     .validator = of(each.address, each.total_power),
                                     .height = each.height.value(),
                                     .time = timestamp_of(each.time, 0),
                                     .total_voting_power = each.total_power});
    }
    for (const stake::Update& each : market_.world().last().validator_updates) {
        ++comet_.marks[each.power == 0 ? "a validator goes" : "a validator comes or has other power"];
    }
}

}  // namespace sublet::sim
