// light_verify.hpp: which blocks follow from one that is trusted: signatures of two thirds of those who may sign, and
// of a third of those who are trusted. Nothing here asks anybody. Spec: docs/spec/light-client.md; T26.
#pragma once

#include "client/light_block.hpp"

namespace sublet::client::light {

// How long a trusted block serves: two thirds of the usual time for which a stake stays liable after it is withdrawn,
// so that whoever signed it can still be made to pay for signing another one. Less where the network's own time is
// shorter.
inline constexpr std::uint64_t kTrustPeriod_s = 14ULL * 24 * 3'600;
std::uint64_t trust_period_s(std::uint64_t unbonding_ms);
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
    std::uint64_t period_s = kTrustPeriod_s;
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
