// units.hpp: strong types for money, time and ids. Explicit in, named out, checked arithmetic only.
// Deterministic. Spec: docs/spec/money.md.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace sublet {

using u128 = unsigned __int128;

// An unsigned 64-bit quantity of one unit. No implicit arithmetic; adding two is checked.
template <class Tag>
class Quantity {
public:
    using Rep = std::uint64_t;
    constexpr Quantity() = default;
    constexpr explicit Quantity(Rep value) : value_(value) {}
    [[nodiscard]] constexpr Rep value() const { return value_; }
    [[nodiscard]] constexpr bool is_zero() const { return value_ == 0; }
    constexpr auto operator<=>(const Quantity&) const = default;

private:
    Rep value_ = 0;
};

template <class Tag>
constexpr std::optional<Quantity<Tag>> checked_add(Quantity<Tag> a, Quantity<Tag> b) {
    std::uint64_t sum = 0;
    if (__builtin_add_overflow(a.value(), b.value(), &sum)) {
        return std::nullopt;
    }
    return Quantity<Tag>{sum};
}

template <class Tag>
constexpr std::optional<Quantity<Tag>> checked_sub(Quantity<Tag> a, Quantity<Tag> b) {
    if (b > a) {
        return std::nullopt;
    }
    return Quantity<Tag>{a.value() - b.value()};
}

// b may exceed a: the answer is then zero.
template <class Tag>
constexpr Quantity<Tag> saturating_sub(Quantity<Tag> a, Quantity<Tag> b) {
    return b > a ? Quantity<Tag>{} : Quantity<Tag>{a.value() - b.value()};
}

// a + b, or the largest value.
template <class Tag>
constexpr Quantity<Tag> saturating_add(Quantity<Tag> a, Quantity<Tag> b) {
    return checked_add(a, b).value_or(Quantity<Tag>{~std::uint64_t{0}});
}

using Amount = Quantity<struct AmountTag>;              // smallest unit of a denomination: ucredit or ulet
using Rate = Quantity<struct RateTag>;                  // nano-ucredit per second
using Millis = Quantity<struct MillisTag>;              // a length of time, milliseconds
using LedgerTime = Quantity<struct LedgerTimeTag>;      // L: milliseconds since genesis, advances <= 30 s per block
using BlockTime = Quantity<struct BlockTimeTag>;        // unix milliseconds of a block header
using ServiceClock = Quantity<struct ServiceClockTag>;  // a machine's service clock, milliseconds
using Height = Quantity<struct HeightTag>;              // block number, first block is 1

using OfferId = Quantity<struct OfferTag>;
using DeploymentId = Quantity<struct DeploymentTag>;
using LeaseId = Quantity<struct LeaseTag>;
using JobId = Quantity<struct JobTag>;
using AccountNumber = Quantity<struct AccountNumberTag>;

constexpr LedgerTime after(LedgerTime start, Millis length) {
    return saturating_add(start, LedgerTime{length.value()});
}
constexpr Millis since(LedgerTime start, LedgerTime now) {
    return now < start ? Millis{} : Millis{now.value() - start.value()};
}

}  // namespace sublet
