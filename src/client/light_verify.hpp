// light_verify.hpp: which blocks follow from one that is trusted: signatures of two thirds of those who may sign, and
// of a third of those who are trusted. Nothing here asks anybody. Spec: docs/spec/light-client.md; T26.
#pragma once

#include "client/light_block.hpp"

namespace sublet::client::light {

// Two thirds of the 21 days for which a stake stays liable after it is withdrawn: whoever signed a block that is
// trusted can still be made to pay for signing another one.
inline constexpr std::uint64_t kTrustPeriod_s = 14ULL * 24 * 3'600;
inline constexpr std::uint64_t kUnbonding_s = 21ULL * 24 * 3'600;
static_assert(kTrustPeriod_s * 3 <= kUnbonding_s * 2);
inline constexpr std::uint64_t kMaxClockDrift_s = 10;  // of a block's time ahead of this machine's clock
inline constexpr std::uint64_t kMaxAge_s = 60;         // of the block that proves a state

// kNotProved: an answer is not to be acted on.
std::unexpected<Error> not_proved(const std::string& what);

// A block that was verified, with what it takes to verify later ones.
struct Trusted {
    std::string chain_id;
    std::uint64_t height = 0;
    Hash hash{};
    Time time;
    Hash next_validators_hash{};
    std::vector<Validator> validators;
    std::uint64_t verified_unix_ms = 0;  // when, by this machine's clock
};

struct Power {
    std::uint64_t signed_for = 0;
    std::uint64_t total = 0;
};

// Of these validators, more than two thirds by power signed this very block; their set is the one that its header
// names. Every signature for the block must hold. Errors, of all functions here: kNotProved with what does not hold.
Result<Power> check_block(const Block& block, std::string_view chain_id);

enum class Step : std::uint8_t {
    kProved,
    kTooFar,  // too few of the trusted validators signed it: a block between the two may do
};
// Whether a block above the trusted one follows from it. `now_unix_ms` is this machine's clock.
Result<Step> check_step(const Trusted& trusted, const Block& block, std::uint64_t now_unix_ms);
// A block at the trusted height is the trusted one; another is an attack and called one.
Result<> check_same(const Trusted& trusted, const Block& block);
// Not older than the trust period, nor from the future.
Result<> check_period(const Trusted& trusted, std::uint64_t now_unix_ms);
// Young enough to say what the state is now.
Result<> check_age(const Header& header, std::uint64_t now_unix_ms);

// Of a block that was checked.
Trusted trusted_of(const Block& block, std::uint64_t now_unix_ms);

}  // namespace sublet::client::light
