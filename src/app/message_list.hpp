// message_list.hpp: the protocol's table of contents: every message there is, folded at compile time.
// Deterministic. Spec: docs/spec/transactions.md (messages).
#pragma once

#include <array>
#include <variant>

#include "codec/json.hpp"
#include "ledger/transaction.hpp"
#include "modules/audit/messages.hpp"
#include "modules/bank/messages.hpp"
#include "modules/gov/messages.hpp"
#include "modules/job/messages.hpp"
#include "modules/market/messages.hpp"
#include "modules/provider/messages.hpp"
#include "modules/stake/messages.hpp"

namespace sublet::app {

// The name that a hardware wallet shows: "cosmos-sdk/MsgSend", "sublet/market/MsgTopUp". Cosmos' own names are fixed
// there, ours are the type URL's. At most 39 bytes, which is what the Ledger app takes.
struct AminoName {
    std::array<char, 39> bytes{};
    std::size_t size = 0;
    constexpr void append(std::string_view text) {
        for (const char c : text) {
            bytes[size++] = c;  // too long: a compile error
        }
    }
    [[nodiscard]] constexpr std::string_view view() const { return {bytes.data(), size}; }
};
void a_message_needs_an_amino_name();  // never defined; its call is the compile error
consteval AminoName amino_name(std::string_view type_url) {
    constexpr std::string_view kOurs = "/sublet.";
    constexpr std::string_view kVersion = ".v1.";
    AminoName out;
    if (type_url == "/cosmos.bank.v1beta1.MsgSend") {
        out.append("cosmos-sdk/MsgSend");
        return out;
    }
    const std::size_t version = type_url.find(kVersion);
    if (!type_url.starts_with(kOurs) || version == std::string_view::npos) {
        a_message_needs_an_amino_name();
    }
    out.append("sublet/");
    out.append(type_url.substr(kOurs.size(), version - kOurs.size()));
    out.append("/");
    out.append(type_url.substr(version + kVersion.size()));
    return out;
}

template <ledger::Message... Ms>
struct MessageList {
    using Any = std::variant<Ms...>;
    static constexpr std::array<std::string_view, sizeof...(Ms)> kTypeUrls = {Ms::kTypeUrl...};

    static constexpr std::array<AminoName, sizeof...(Ms)> kAminoNames = {amino_name(Ms::kTypeUrl)...};

    static consteval bool distinct() {
        for (std::size_t i = 0; i < kTypeUrls.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (kTypeUrls[i] == kTypeUrls[j] || kAminoNames[i].view() == kAminoNames[j].view()) {
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
                market::MsgCloseLease, market::MsgEndLease, market::MsgWithdraw, job::MsgCreateJob, job::MsgPauseJob,
                job::MsgCancelJob, job::MsgApproveTasks, job::MsgRejectTask, job::MsgRetryTask, job::MsgClaimTask,
                job::MsgStartTask, job::MsgFailTask, job::MsgCommitTask, job::MsgOpenTask, job::MsgPostRate,
                job::MsgCommitProbe, job::MsgOpenProbe, job::MsgConfirmJob, job::MsgFundJob, job::MsgDisputeTask,
                audit::MsgStakeWork, audit::MsgUnstakeWork, audit::MsgRevealSeed, audit::MsgCommitAudit,
                audit::MsgJudgeAudit, audit::MsgShowAudit, stake::MsgCreateValidator, stake::MsgEditValidator,
                stake::MsgDelegate, stake::MsgUnbond, stake::MsgUnjail, stake::MsgWithdrawRewards, gov::MsgPropose,
                gov::MsgVote>;
static_assert(Messages::distinct(), "two messages share a type URL or an amino name");

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
inline std::string_view amino_name_of(const AnyMessage& message) {
    return Messages::kAminoNames[message.index()].view();
}
inline std::uint64_t gas_of(const AnyMessage& message) {
    return std::visit([](const auto& each) { return std::decay_t<decltype(each)>::kGas; }, message);
}
inline ledger::FeeClass fee_class_of(const AnyMessage& message) {
    return std::visit([](const auto& each) { return std::decay_t<decltype(each)>::kFeeClass; }, message);
}

}  // namespace sublet::app
