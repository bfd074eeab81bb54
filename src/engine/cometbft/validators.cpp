// validators.cpp: votes, evidence and changes of the set, from ABCI's shapes to the App's and back.
#include "engine/cometbft/validators.hpp"

#include <map>

#include "modules/stake/validator.hpp"

namespace sublet::engine {

BlockTime time_of(const abci::Timestamp& time) {
    constexpr std::uint64_t kMsOfSecond = 1'000;
    constexpr std::uint64_t kNanosOfMs = 1'000'000;
    return BlockTime{time.seconds * kMsOfSecond + time.nanos / kNanosOfMs};
}

std::vector<abci::ValidatorUpdate> updates_of(const std::vector<stake::Update>& updates) {
    std::vector<abci::ValidatorUpdate> out;
    out.reserve(updates.size());
    for (const stake::Update& each : updates) {
        abci::ValidatorUpdate& into = out.emplace_back();
        into.pub_key.ed25519 = Bytes{view_of(each.key)};
        into.power = each.power;
    }
    return out;
}

// Addresses are 20 bytes; whoever has another one is not ours.
void add_faults(const abci::ProposedBlock& block, app::BlockRequest& request) {
    for (const abci::VoteInfo& each : block.last_commit.votes) {
        if (const auto address = fixed_from<20>(each.validator.address)) {
            const bool present = each.block_id_flag != abci::BlockIdFlag::kAbsent;
            request.votes.push_back({*address, each.validator.power, present});
        }
    }
    for (const abci::Misbehavior& each : block.misbehavior) {
        if (const auto address = fixed_from<20>(each.validator.address)) {
            const auto offence = each.type == 1   ? stake::Offence::kTwoVotes
                                 : each.type == 2 ? stake::Offence::kLightClientAttack
                                                  : stake::Offence::kUnknown;
            request.misbehavior.push_back(
                {*address, Height{each.height}, time_of(each.time), each.total_voting_power, offence});
        }
    }
    if (const auto proposer = fixed_from<20>(block.proposer_address)) {
        request.proposer = *proposer;
    }
}

Result<> same_validators(const std::vector<abci::ValidatorUpdate>& engines, const app::Genesis& genesis,
                         const ledger::View& state) {
    std::map<Bytes, std::uint64_t> ours;
    for (const stake::Member& each : stake::engine_set(state).members) {
        ours[Bytes{view_of(each.key)}] = each.power;
    }
    for (const stake::Founder& each : genesis.validators) {
        ours[each.public_key] = each.power;
    }
    if (ours.empty()) {
        return {};
    }
    for (const abci::ValidatorUpdate& each : engines) {
        const Bytes key = each.pub_key.ed25519.value_or("");
        const auto found = ours.find(key);
        if (found == ours.end() || found->second != each.power) {
            return fail(Code::kConflict,
                        "the engine's genesis has validator " + to_base64(key) + " with power " +
                            std::to_string(each.power) + ", that of app_state " +
                            (found == ours.end() ? "has not" : "gives it " + std::to_string(found->second)) +
                            ": both name the same keys and powers");
        }
        ours.erase(found);
    }
    return ours.empty()
               ? Result<>{}
               : fail(Code::kConflict, "app_state has validator " + to_base64(ours.begin()->first) +
                                           ", the engine's genesis has not: both name the same keys and powers");
}

}  // namespace sublet::engine
