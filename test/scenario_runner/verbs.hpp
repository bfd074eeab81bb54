// verbs.hpp: the verbs of `tx NAME VERB key=value…`, as messages of the protocol.
#pragma once

#include "world.hpp"

namespace sublet::scenario {

// Who signs for whom: a provider's owner lets its operator sign what agents sign.
using Operators = std::map<std::string, std::string>;

struct Order {
    std::string signer;
    ledger::Any message;
};

// Takes what it knows from `args`. `as=owner` makes the named account itself sign an operator's message.
Order make(const std::string& name, const std::string& verb, Args& args, const World& world, Operators& operators);
// All verbs, for the message of an unknown one.
std::string verb_names();

}  // namespace sublet::scenario
