// verbs_stake.cpp: the verbs of validators and their delegators, one function each.
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

constexpr Verb kStakeVerbs[] = {
    {"create-validator", false, create_validator},
    {"edit-validator", false, edit_validator},
    {"delegate", false, delegate},
    {"unbond", false, unbond},
    {"unjail", false, unjail},
    {"withdraw-rewards", false, withdraw_rewards},
};

}  // namespace

std::span<const Verb> stake_verbs() { return kStakeVerbs; }

}  // namespace sublet::scenario
