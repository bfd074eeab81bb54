// validator_view.hpp: validators and what is bonded to them, for people and as JSON.
#pragma once

#include <string>
#include <vector>

#include "cli/context.hpp"
#include "client/stakes.hpp"

namespace sublet::cli {

std::string let_text(Amount amount);  // "1.250000 LET"
// "12", "0.5" or "250000ulet". Errors: kUsage.
Result<Amount> parse_let(std::string_view text);
std::string permille_text(std::uint64_t permille);  // "5.0%"

// Errors: kNotFound.
Result<stake::Validator> validator_of(const client::Stakes& all, const Address& operator_address);

struct Bonded {
    Address delegator;
    const std::vector<stake::Delegation>& delegations;
    const std::vector<stake::Unbonding>& unbondings;
};
void print_validators(Context& context, const client::Stakes& all);
void print_validator(Context& context, const client::Stakes& all, const stake::Validator& validator);
void print_rewards(Context& context, const client::Stakes& all, const Bonded& bonded);

}  // namespace sublet::cli
