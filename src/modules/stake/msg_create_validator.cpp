// msg_create_validator.cpp: somebody stands for the engine's set.
// Deterministic. Spec: docs/spec/stake.md (validators).
#include <algorithm>

#include "modules/stake/messages.hpp"

namespace sublet::stake {

Result<> check_name(std::string_view name) {
    const bool plain =
        std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; });
    if (name.empty() || name.size() > kMaxNameBytes || !plain) {
        return fail(Code::kBadField, "name: 1 to 64 bytes of text without control characters");
    }
    return {};
}

Result<Validator> need(const View& view, const std::string& operator_address) {
    std::optional<Validator> found = find(view, account::parsed(operator_address));
    if (!found) {
        return fail(Code::kValidatorUnknown, operator_address + " has no validator");
    }
    return *std::move(found);
}

Result<> check_static(const MsgCreateValidator& message) {
    TRY(owner, account::parse(message.operator_address, "operator_address"));
    (void)owner;
    const auto key = fixed_from<32>(message.consensus_key);
    if (!key || *key == Hash{}) {
        return fail(Code::kBadField, "consensus_key: an ed25519 key has 32 bytes");
    }
    TRY_OK(check_name(message.name));
    return message.commission_permille > 1'000
               ? fail(Code::kOutOfRange, "commission_permille: at most 1,000 thousandths")
               : Result<>{};
}

Result<> check_state(const MsgCreateValidator& message, const View& view, const Block& /*block*/) {
    const Address operator_address = account::parsed(message.operator_address);
    if (!has_validators(view)) {
        return fail(Code::kNoValidators, "this network has no validators: one process orders its transactions");
    }
    if (find(view, operator_address)) {
        return fail(Code::kValidatorExists, message.operator_address + " has a validator");
    }
    if (find_by_key(view, consensus_address(*fixed_from<32>(message.consensus_key)))) {
        return fail(Code::kKeyTaken, "consensus_key: another validator has it; make a new one");
    }
    if (pool(view).validators >= kMaxValidators) {
        return fail(Code::kTooManyValidators, "there are 1,000 validators");
    }
    const Amount least = params(view).min_self_bond;
    if (message.amount < least) {
        return fail(Code::kBondTooSmall,
                    "amount: an operator bonds at least " + std::to_string(least.value()) + " ulet of its own");
    }
    return bank::require(view, operator_address, message.amount, bank::kLet);
}

void apply(const MsgCreateValidator& message, Ledger& ledger, const Block& /*block*/) {
    Pool all = pool(ledger);
    Validator validator;
    validator.operator_address = account::parsed(message.operator_address);
    validator.consensus_key = *fixed_from<32>(message.consensus_key);
    validator.name = message.name;
    validator.commission_permille = message.commission_permille;
    validator.number = ++all.last_number;
    validator.seen = all.per_weight;
    save(ledger, all);
    bond(ledger, validator, validator.operator_address, message.amount);
    ledger.emit({"sublet.stake.validator_created",
                 {{"operator", message.operator_address},
                  {"key", to_hex(message.consensus_key)},
                  {"amount", std::to_string(message.amount.value())}}});
}

}  // namespace sublet::stake
