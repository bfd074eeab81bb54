// verbs_stake.cpp: the verbs of validators, their delegators and votes, one function each.
#include "modules/gov/messages.hpp"
#include "modules/stake/messages.hpp"
#include "verb.hpp"

namespace sublet::scenario {
namespace {

Amount let_of(Call& call) { return Amount{amount(call.args.need("amount"))}; }

// key=NAME: that one's key, if not its own.
ledger::Any create_validator(Call& call) {
    stake::MsgCreateValidator message;
    message.operator_address = call.me();
    message.consensus_key = Bytes{view_of(World::consensus_key(call.args.take("key", call.name)))};
    message.name = call.args.take("name", call.name);
    message.commission_permille = small(call.args.take("commission", "0"));
    message.amount = let_of(call);
    return wrap(message);
}
ledger::Any edit_validator(Call& call) {
    return wrap(stake::MsgEditValidator{call.me(), call.args.take("name", call.name),
                                        small(call.args.take("commission", "0"))});
}
ledger::Any delegate(Call& call) {
    const std::string to = World::address(call.args.need("to"));
    return wrap(stake::MsgDelegate{call.me(), to, let_of(call)});
}
ledger::Any unbond(Call& call) {
    const std::string from = World::address(call.args.need("from"));
    return wrap(stake::MsgUnbond{call.me(), from, let_of(call)});
}
ledger::Any unjail(Call& call) { return wrap(stake::MsgUnjail{call.me()}); }
ledger::Any withdraw_rewards(Call& call) {
    return wrap(stake::MsgWithdrawRewards{call.me(), World::address(call.args.need("from"))});
}

// changes=name:value,…; or upgrade= height= (0: called off) or in= (blocks from now on).
ledger::Any propose(Call& call) {
    gov::MsgPropose message;
    message.proposer = call.me();
    message.title = call.args.take("title", "title");
    for (const std::string& each : split(call.args.take("changes", ""), ',')) {
        const std::vector<std::string> parts = split(each, ':');
        if (parts.size() == 2) {
            message.changes.push_back({parts[0], amount(parts[1])});
        }
    }
    message.upgrade = call.args.take("upgrade", "");
    message.upgrade_height = Height{number(call.args.take("height", "0"))};
    if (call.args.has("in")) {
        message.upgrade_height = Height{call.world.height().value() + number(call.args.need("in"))};
    }
    return wrap(message);
}
ledger::Any vote(Call& call) {
    const std::string choice = call.args.need("choice");
    gov::MsgVote message{call.me(), id<gov::ProposalId>(call, "proposal"), gov::Choice::kYes};
    for (std::uint8_t i = 1; gov::valid(gov::Choice{i}); ++i) {
        message.choice = gov::to_name(gov::Choice{i}) == choice ? gov::Choice{i} : message.choice;
    }
    return wrap(message);
}

constexpr Verb kStakeVerbs[] = {
    {"create-validator", false, create_validator},
    {"edit-validator", false, edit_validator},
    {"delegate", false, delegate},
    {"unbond", false, unbond},
    {"unjail", false, unjail},
    {"withdraw-rewards", false, withdraw_rewards},
    {"propose", false, propose},
    {"vote", false, vote},
};

}  // namespace

std::span<const Verb> stake_verbs() { return kStakeVerbs; }

}  // namespace sublet::scenario
