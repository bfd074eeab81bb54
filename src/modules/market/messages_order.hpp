// messages_order.hpp: the messages of deployments and orders: create, update, close.
// Deterministic. Spec: docs/spec/market.md.
#pragma once

#include "ledger/message.hpp"
#include "modules/market/deployment.hpp"

namespace sublet::market {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Creates the deployment and one instant order per group; locks the bond and each order's money. Errors: kBadField,
// kOutOfRange, kTooManyDeployments, kDepositTooSmall (an explicit deposit below min_funding_ms × max rate),
// kInsufficientFunds.
struct MsgCreateDeployment {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgCreateDeployment";
    static constexpr std::uint64_t kGas = 100'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    std::vector<GroupSpec> groups;        // 1..kMaxGroups, names unique
    Bytes commitment;                     // 32 bytes: SHA-256(nonce ‖ manifest hash)
    Amount deposit;                       // ucredit; zero: deposit_time × matched rate
    Millis deposit_time;                  // zero: params.default_deposit_ms
    Millis start_timeout;                 // zero: the least allowed
    Millis order_life;                    // zero: the longest allowed
    std::vector<std::string> depositors;  // who else may top up
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgCreateDeployment::owner),
                           field(2, "groups", &MsgCreateDeployment::groups),
                           codec::raw_field(3, "commitment", &MsgCreateDeployment::commitment),
                           field(4, "deposit", &MsgCreateDeployment::deposit),
                           field(5, "deposit_time", &MsgCreateDeployment::deposit_time),
                           field(6, "start_timeout", &MsgCreateDeployment::start_timeout),
                           field(7, "order_life", &MsgCreateDeployment::order_life),
                           field(8, "depositors", &MsgCreateDeployment::depositors));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgCreateDeployment& message);
Result<> check_state(const MsgCreateDeployment& message, const View& view, const Block& block);
void apply(const MsgCreateDeployment& message, Ledger& ledger, const Block& block);

// A new manifest for the same resources. Errors: kDeploymentUnknown, kNotDeploymentOwner, kDeploymentClosed,
// kManifestUnchanged.
struct MsgUpdateDeployment {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgUpdateDeployment";
    static constexpr std::uint64_t kGas = 40'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    DeploymentId deployment;
    Bytes commitment;  // 32 bytes
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgUpdateDeployment::owner),
                           field(2, "deployment", &MsgUpdateDeployment::deployment),
                           codec::raw_field(3, "commitment", &MsgUpdateDeployment::commitment));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgUpdateDeployment& message);
Result<> check_state(const MsgUpdateDeployment& message, const View& view, const Block& block);
void apply(const MsgUpdateDeployment& message, Ledger& ledger, const Block& block);

// Closes its orders and leases; the bond comes back. Errors: kDeploymentUnknown, kNotDeploymentOwner,
// kDeploymentClosed.
struct MsgCloseDeployment {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgCloseDeployment";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    DeploymentId deployment;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "owner", &MsgCloseDeployment::owner),
                           field(2, "deployment", &MsgCloseDeployment::deployment));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};
Result<> check_static(const MsgCloseDeployment& message);
Result<> check_state(const MsgCloseDeployment& message, const View& view, const Block& block);
void apply(const MsgCloseDeployment& message, Ledger& ledger, const Block& block);

// Shares the amount among the deployment's open leases by rate, the remainder to the oldest (T2). Errors:
// kDeploymentUnknown, kNotDepositor, kDepositorsFull, kDepositTooSmall (below 60 s × rate), kLeaseClosed (no open
// lease), kInsufficientFunds.
struct MsgTopUp {
    static constexpr std::string_view kTypeUrl = "/sublet.market.v1.MsgTopUp";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string depositor;
    DeploymentId deployment;
    Amount amount;  // ucredit
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "depositor", &MsgTopUp::depositor), field(2, "deployment", &MsgTopUp::deployment),
                           field(3, "amount", &MsgTopUp::amount));
    }
    [[nodiscard]] const std::string& signer() const { return depositor; }
};
Result<> check_static(const MsgTopUp& message);
Result<> check_state(const MsgTopUp& message, const View& view, const Block& block);
void apply(const MsgTopUp& message, Ledger& ledger, const Block& block);

}  // namespace sublet::market
