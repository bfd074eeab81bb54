// messages.hpp: the messages of providers: register, update, heartbeat.
// Deterministic. Spec: docs/spec/market.md (providers).
#pragma once

#include "ledger/message.hpp"
#include "modules/provider/provider.hpp"

namespace sublet::provider {

using ledger::Block;
using ledger::FeeClass;
using ledger::Ledger;
using ledger::View;

// Errors: kBadField (uri, pin, attributes, machines), kProviderExists (owner or operator is taken).
struct MsgRegister {
    static constexpr std::string_view kTypeUrl = "/sublet.provider.v1.MsgRegister";
    static constexpr std::uint64_t kGas = 60'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    std::string operator_address;
    std::string gateway_uri;
    Bytes tls_pin;  // 32 bytes
    std::vector<Attribute> attributes;
    std::vector<std::string> machines;  // names, 1..kMaxMachines
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "owner", &MsgRegister::owner), field(2, "operator_address", &MsgRegister::operator_address),
            field(3, "gateway_uri", &MsgRegister::gateway_uri), codec::raw_field(4, "tls_pin", &MsgRegister::tls_pin),
            field(5, "attributes", &MsgRegister::attributes), field(6, "machines", &MsgRegister::machines));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};

// Replaces address, pins and attributes. Errors: kProviderUnknown, kBadField, kProviderExists (operator taken).
struct MsgUpdate {
    static constexpr std::string_view kTypeUrl = "/sublet.provider.v1.MsgUpdate";
    static constexpr std::uint64_t kGas = 50'000;
    static constexpr FeeClass kFeeClass = FeeClass::kPaid;
    std::string owner;
    std::string operator_address;
    std::string gateway_uri;
    Bytes tls_pin;
    Bytes next_tls_pin;  // empty or 32 bytes
    std::vector<Attribute> attributes;
    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "owner", &MsgUpdate::owner), field(2, "operator_address", &MsgUpdate::operator_address),
            field(3, "gateway_uri", &MsgUpdate::gateway_uri), codec::raw_field(4, "tls_pin", &MsgUpdate::tls_pin),
            codec::raw_field(5, "next_tls_pin", &MsgUpdate::next_tls_pin),
            field(6, "attributes", &MsgUpdate::attributes));
    }
    [[nodiscard]] const std::string& signer() const { return owner; }
};

struct MachineChange {
    std::uint32_t machine = 0;  // position in the provider's list
    bool up = false;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "machine", &MachineChange::machine),
                           codec::field(2, "up", &MachineChange::up));
    }
};

// Moves the service clock; names only the machines that changed. Any other transaction of the operator moves it too.
// Errors: kNotOperator, kOutOfRange (no such machine).
struct MsgHeartbeat {
    static constexpr std::string_view kTypeUrl = "/sublet.provider.v1.MsgHeartbeat";
    static constexpr std::uint64_t kGas = 20'000;
    static constexpr FeeClass kFeeClass = FeeClass::kFreeForOperator;
    std::string operator_address;
    std::vector<MachineChange> changes;
    static constexpr auto fields() {
        return codec::list(codec::field(1, "operator_address", &MsgHeartbeat::operator_address),
                           codec::field(2, "changes", &MsgHeartbeat::changes));
    }
    [[nodiscard]] const std::string& signer() const { return operator_address; }
};

Result<> check_static(const MsgRegister& message);
Result<> check_state(const MsgRegister& message, const View& view, const Block& block);
void apply(const MsgRegister& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgUpdate& message);
Result<> check_state(const MsgUpdate& message, const View& view, const Block& block);
void apply(const MsgUpdate& message, Ledger& ledger, const Block& block);
Result<> check_static(const MsgHeartbeat& message);
Result<> check_state(const MsgHeartbeat& message, const View& view, const Block& block);
void apply(const MsgHeartbeat& message, Ledger& ledger, const Block& block);

}  // namespace sublet::provider
