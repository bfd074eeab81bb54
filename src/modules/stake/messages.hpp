// messages.hpp: the messages of validators and of those who bond LET to them.
// Deterministic. Spec: docs/spec/stake.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/bank/bank.hpp"
#include "modules/stake/delegation.hpp"

namespace sublet::stake {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

inline constexpr std::uint32_t kMaxRaisePermille = 50;         // of a commission at a time
inline constexpr Millis kBetweenRaises{24ULL * 3'600'000ULL};  // of ledger time

// Stands for the engine's set, with a first bond of the operator. Nobody proves that he has the key: one that is not
// his only makes him absent. Errors: kBadField, kOutOfRange, kNoValidators, kValidatorExists, kKeyTaken,
// kTooManyValidators, kBondTooSmall, kInsufficientFunds.
struct MsgCreateValidator {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgCreateValidator";
    static constexpr std::uint64_t kGas = 200'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string operator_address;
    Bytes consensus_key;                    // ed25519, 32 bytes
    std::string name;                       // 1 to 64 bytes of text
    std::uint32_t commission_permille = 0;  // 0 to 1,000
    Amount amount;                          // ulet, at least min_self_bond
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgCreateValidator::operator_address),
                           codec::raw_field(2, "consensus_key", &MsgCreateValidator::consensus_key),
                           field(3, "name", &MsgCreateValidator::name),
                           field(4, "commission_permille", &MsgCreateValidator::commission_permille),
                           field(5, "amount", &MsgCreateValidator::amount));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};

// Name and commission take the place of those before. A commission falls at once; it rises by at most 50 thousandths a
// day. Errors: kBadField, kOutOfRange, kValidatorUnknown, kTooEarly.
struct MsgEditValidator {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgEditValidator";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string operator_address;
    std::string name;
    std::uint32_t commission_permille = 0;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "operator_address", &MsgEditValidator::operator_address),
                           field(2, "name", &MsgEditValidator::name),
                           field(3, "commission_permille", &MsgEditValidator::commission_permille));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};

// Binds LET to a validator; of its operator: more of its own. Errors: kOutOfRange, kValidatorUnknown, kStruck,
// kBondTooSmall, kOverflow, kInsufficientFunds.
struct MsgDelegate {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgDelegate";
    static constexpr std::uint64_t kGas = 100'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string delegator;
    std::string validator;  // its operator
    Amount amount;          // ulet; a delegation is at least power_unit
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "delegator", &MsgDelegate::delegator),
                           field(2, "validator", &MsgDelegate::validator), field(3, "amount", &MsgDelegate::amount));
    }
    [[nodiscard]] const std::string& signer() const { return delegator; }
};

// Takes LET out: it is back after unbonding_ms, and can be lost until then for what was done while it stood. Errors:
// kOutOfRange, kValidatorUnknown, kDelegationUnknown, kBondTooSmall (what would stay), kTooManyUnbondings.
struct MsgUnbond {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgUnbond";
    static constexpr std::uint64_t kGas = 120'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string delegator;
    std::string validator;
    Amount amount;  // ulet, at most what the delegation is worth
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "delegator", &MsgUnbond::delegator), field(2, "validator", &MsgUnbond::validator),
                           field(3, "amount", &MsgUnbond::amount));
    }
    [[nodiscard]] const std::string& signer() const { return delegator; }
};

// Comes back after an absence. Errors: kValidatorUnknown, kStruck, kNotJailed, kTooEarly, kBondTooSmall.
struct MsgUnjail {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgUnjail";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string operator_address;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "operator_address", &MsgUnjail::operator_address));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};

// Pays what a delegation earned, whole ucredit of it; to an operator its commission too. Errors: kValidatorUnknown,
// kDelegationUnknown, kNothingToWithdraw.
struct MsgWithdrawRewards {
    static constexpr std::string_view kTypeUrl = "/sublet.stake.v1.MsgWithdrawRewards";
    static constexpr std::uint64_t kGas = 80'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string delegator;
    std::string validator;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "delegator", &MsgWithdrawRewards::delegator),
                           field(2, "validator", &MsgWithdrawRewards::validator));
    }
    [[nodiscard]] const std::string& signer() const { return delegator; }
};

// 1 to 64 bytes of text without control characters. Errors: kBadField.
Result<> check_name(std::string_view name);
// The validator of a message that names one. Errors: kValidatorUnknown.
Result<Validator> need(const View& view, const std::string& operator_address);

Result<> check_static(const MsgCreateValidator& message);
Result<> check_state(const MsgCreateValidator& message, const View& view, const Block& block);
void apply(const MsgCreateValidator& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgEditValidator& message);
Result<> check_state(const MsgEditValidator& message, const View& view, const Block& block);
void apply(const MsgEditValidator& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgDelegate& message);
Result<> check_state(const MsgDelegate& message, const View& view, const Block& block);
void apply(const MsgDelegate& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgUnbond& message);
Result<> check_state(const MsgUnbond& message, const View& view, const Block& block);
void apply(const MsgUnbond& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgUnjail& message);
Result<> check_state(const MsgUnjail& message, const View& view, const Block& block);
void apply(const MsgUnjail& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgWithdrawRewards& message);
Result<> check_state(const MsgWithdrawRewards& message, const View& view, const Block& block);
void apply(const MsgWithdrawRewards& message, Ledger& ledger, const Block& block);

}  // namespace sublet::stake
