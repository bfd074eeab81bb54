// message.hpp: what every message of the protocol provides; a missing piece is a compile error that names it.
// Deterministic. Spec: docs/spec/transactions.md.
#pragma once

#include <concepts>

#include "ledger/params.hpp"

namespace sublet::ledger {

// Fees: who pays for a message. Free ones are for a registered provider's operator, under a quota (T1).
enum class FeeClass : std::uint8_t { kPaid, kFreeForOperator, kFaucet };

template <class M>
concept Message = codec::Struct<M> && requires(const M& message, const View& view, Ledger& ledger, const Block& block) {
    { M::kTypeUrl } -> std::convertible_to<std::string_view>;  // "/sublet.market.v1.MsgTopUp"
    { M::kGas } -> std::convertible_to<std::uint64_t>;         // fixed part of the gas; bytes are added
    { M::kFeeClass } -> std::convertible_to<FeeClass>;
    { message.signer() } -> std::convertible_to<const std::string&>;  // bech32
    { check_static(message) } -> std::same_as<Result<>>;              // no state
    { check_state(message, view, block) } -> std::same_as<Result<>>;  // cannot write, by type
    { apply(message, ledger, block) } -> std::same_as<void>;          // cannot fail, by type
};

}  // namespace sublet::ledger
