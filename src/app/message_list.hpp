// message_list.hpp: the protocol's table of contents: every message there is, folded at compile time.
// Deterministic. Spec: docs/spec/transactions.md (messages).
#pragma once

#include <array>
#include <variant>

#include "codec/json.hpp"
#include "ledger/transaction.hpp"
#include "modules/bank/messages.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"

namespace sublet::app {

template <ledger::Message... Ms>
struct MessageList {
    using Any = std::variant<Ms...>;
    static constexpr std::array<std::string_view, sizeof...(Ms)> kTypeUrls = {Ms::kTypeUrl...};

    static consteval bool distinct() {
        for (std::size_t i = 0; i < kTypeUrls.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (kTypeUrls[i] == kTypeUrls[j]) {
                    return false;
                }
            }
        }
        return true;
    }

    // Errors: kUnknownMessage, or what the codec says.
    static Result<Any> decode(const ledger::Any& wire) {
        Result<Any> out = fail(Code::kUnknownMessage, "no message " + wire.type_url + " is known");
        (decode_one<Ms>(wire, out) || ...);
        return out;
    }

private:
    template <class M>
    static bool decode_one(const ledger::Any& wire, Result<Any>& out) {
        if (wire.type_url != M::kTypeUrl) {
            return false;
        }
        Result<M> message = codec::decode<M>(wire.value);
        if (message) {
            out = Any{std::move(*message)};
        } else {
            out = std::unexpected{message.error()};
        }
        return true;
    }
};

using Messages =
    MessageList<bank::MsgSend, bank::MsgFaucet, provider::MsgRegister, provider::MsgUpdate, provider::MsgHeartbeat,
                market::MsgPostOffer, market::MsgUpdateOffer, market::MsgCloseOffer, market::MsgCreateDeployment,
                market::MsgUpdateDeployment, market::MsgCloseDeployment, market::MsgTopUp, market::MsgLeaseReady,
                market::MsgCloseLease, market::MsgEndLease, market::MsgWithdraw>;
static_assert(Messages::distinct(), "two messages share a type URL");

using AnyMessage = Messages::Any;

inline Result<> check_static_of(const AnyMessage& message) {
    return std::visit([](const auto& each) { return check_static(each); }, message);
}
inline Result<> check_state_of(const AnyMessage& message, const ledger::View& view, const ledger::Block& block) {
    return std::visit([&](const auto& each) { return check_state(each, view, block); }, message);
}
inline void apply_of(const AnyMessage& message, ledger::Ledger& ledger, const ledger::Block& block) {
    std::visit([&](const auto& each) { apply(each, ledger, block); }, message);
}
inline const std::string& signer_of(const AnyMessage& message) {
    return std::visit([](const auto& each) -> const std::string& { return each.signer(); }, message);
}
inline std::uint64_t gas_of(const AnyMessage& message) {
    return std::visit([](const auto& each) { return std::decay_t<decltype(each)>::kGas; }, message);
}
inline ledger::FeeClass fee_class_of(const AnyMessage& message) {
    return std::visit([](const auto& each) { return std::decay_t<decltype(each)>::kFeeClass; }, message);
}

}  // namespace sublet::app
