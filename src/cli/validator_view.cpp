// validator_view.cpp: tables of validators and delegations.
#include "cli/validator_view.hpp"

#include <algorithm>

#include "cli/format.hpp"

namespace sublet::cli {
namespace {

std::string_view state_of(const client::Stakes& all, const stake::Validator& validator) {
    if (stake::is_struck(validator)) {
        return "struck";
    }
    if (validator.jailed) {
        return "jailed";
    }
    return all.power(validator) > 0 ? "active" : "waiting";
}

// The record as it is stored, with its power and state.
std::string validator_json(const client::Stakes& all, const stake::Validator& validator) {
    std::string out = codec::to_json(validator);
    out.pop_back();
    return out + fmt::format(R"(,"power":"{}","state":"{}"}})", all.power(validator), state_of(all, validator));
}

Amount own_commission(const client::Stakes& all, const stake::Validator& validator) {
    return stake::whole_floor(all.settled(validator).commission);
}

}  // namespace

std::string let_text(Amount amount) { return credits_number(amount) + " LET"; }

Result<Amount> parse_let(std::string_view text) {
    constexpr std::string_view kUnit = "ulet";
    const std::string words =
        text.ends_with(kUnit) ? std::string{text.substr(0, text.size() - kUnit.size())} + "ucredit" : std::string{text};
    const Result<Amount> amount = parse_credits(words);
    return amount ? amount
                  : fail(Code::kUsage, "'" + std::string{text} + "' is no amount of LET; write 1.25 or 1250000ulet");
}

std::string permille_text(std::uint64_t permille) { return fmt::format("{}.{}%", permille / 10, permille % 10); }

Result<stake::Validator> validator_of(const client::Stakes& all, const Address& operator_address) {
    const auto found = std::ranges::find(all.validators, operator_address, &stake::Validator::operator_address);
    if (found == all.validators.end()) {
        return fail(Code::kNotFound,
                    crypto::to_bech32(operator_address) + " has no validator; `sublet validator list` shows all");
    }
    return *found;
}

void print_validators(Context& context, const client::Stakes& all) {
    std::vector<stake::Validator> sorted = all.validators;
    std::ranges::stable_sort(sorted, std::greater{}, [&](const stake::Validator& each) { return all.power(each); });
    if (context.globals.json) {
        std::string out = "[";
        for (const stake::Validator& each : sorted) {
            out += (out.size() == 1 ? "" : ",") + validator_json(all, each);
        }
        print_json(fmt::format(R"({{"validators":{}]}})", out));
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const stake::Validator& each : sorted) {
        rows.push_back({each.name, crypto::to_bech32(each.operator_address), std::string{state_of(all, each)},
                        std::to_string(all.power(each)), credits_number(each.stake),
                        permille_text(each.commission_permille)});
    }
    fmt::print("{}", table({"NAME", "OPERATOR", "STATE", "POWER", "LET", "COMMISSION"}, rows));
}

void print_validator(Context& context, const client::Stakes& all, const stake::Validator& validator) {
    if (context.globals.json) {
        print_json(validator_json(all, validator));
        return;
    }
    fmt::print("{}  {}\noperator    {}\nkey         {}\npower       {}{}\nstake       {}, {} of it the operator's\n",
               validator.name, state_of(all, validator), crypto::to_bech32(validator.operator_address),
               to_base64(view_of(validator.consensus_key)), all.power(validator),
               validator.grant > 0 ? fmt::format(", {} of it granted to a founder", validator.grant) : "",
               let_text(validator.stake), let_text(stake::value_floor(validator, validator.self_shares)));
    std::uint64_t missed = 0;
    for (const std::uint32_t each : validator.missed) {
        missed += each;
    }
    fmt::print("commission  {}; {} to withdraw\nmissed      {} of the last {} blocks\n",
               permille_text(validator.commission_permille), credits(own_commission(all, validator)), missed,
               all.params.signed_blocks_window);
    if (stake::is_struck(validator)) {
        fmt::print("struck      at block {}, for two votes at block {}: {} of all stake burnt\n",
                   validator.struck_at.value(), validator.offence_at.value(), permille_text(validator.struck_permille));
    }
}

void print_rewards(Context& context, const client::Stakes& all, const Bonded& bonded) {
    if (context.globals.json) {
        print_json(fmt::format(R"({{"delegations":{},"unbondings":{}}})", json_list(bonded.delegations),
                               json_list(bonded.unbondings)));
        return;
    }
    std::vector<std::vector<std::string>> rows;
    for (const stake::Delegation& each : bonded.delegations) {
        const Result<stake::Validator> found = validator_of(all, each.validator);
        if (!found) {
            continue;  // it left between two answers
        }
        const stake::Validator validator = all.settled(*found);
        Amount earned = stake::whole_floor(stake::settled(validator, each).owed);
        if (each.validator == bonded.delegator) {
            earned = saturating_add(earned, stake::whole_floor(validator.commission));
        }
        rows.push_back({validator.name, crypto::to_bech32(each.validator),
                        credits_number(stake::value_floor(validator, each.shares)), credits_number(earned)});
    }
    if (rows.empty()) {
        fmt::print("nothing is bonded; `sublet validator delegate` does it\n");
    } else {
        fmt::print("{}", table({"NAME", "VALIDATOR", "LET", "EARNED"}, rows));
    }
    for (const stake::Unbonding& each : bonded.unbondings) {
        for (const stake::Leaving& entry : each.entries) {
            fmt::print("leaving: {} of {}\n", let_text(entry.amount), crypto::to_bech32(each.validator));
        }
    }
}

}  // namespace sublet::cli
