// params.hpp: the parameters of validators and their stakes. They are in the state where there are validators only.
// Deterministic. Spec: docs/spec/stake.md (parameters).
#pragma once

#include "ledger/ledger.hpp"

namespace sublet::stake {

inline constexpr std::uint32_t kMaxSet = 128;            // of max_validators
inline constexpr std::uint64_t kMinPowerUnit = 16;       // 2^64 ulet are then 2^60 of power, what the engine takes
inline constexpr std::uint64_t kBuckets = 10;            // of a window of signed blocks
inline constexpr std::uint64_t kMaxSlashPermille = 500;  // a share of a stake is always worth something

struct Params {
    std::uint32_t version = 1;
    std::uint64_t power_unit = 1'000'000;         // ulet of stake for one unit of power
    std::uint32_t max_validators = 64;            // in the engine's set
    Amount min_self_bond{100'000'000};            // ulet, of an operator in its own validator
    std::uint64_t unbonding_ms = 1'814'400'000;   // until unbonded stake is back: 21 days
    std::uint64_t signed_blocks_window = 10'000;  // blocks in which misses are counted
    std::uint64_t min_signed_permille = 500;      // of the window; who signs less is jailed
    std::uint64_t jail_ms = 600'000;              // the least time in jail
    std::uint64_t double_sign_permille = 50;      // of a stake, burnt for two votes
    std::uint64_t evidence_max_blocks = 100'000;  // evidence older than that and than unbonding_ms is ignored
    std::uint64_t grants_end_permille = 334;      // of all LET that was issued: bonded, it ends the founders' grants

    static constexpr auto fields() {
        using codec::field;
        return codec::list(
            field(1, "version", &Params::version), field(2, "power_unit", &Params::power_unit),
            field(3, "max_validators", &Params::max_validators), field(4, "min_self_bond", &Params::min_self_bond),
            field(5, "unbonding_ms", &Params::unbonding_ms),
            field(6, "signed_blocks_window", &Params::signed_blocks_window),
            field(7, "min_signed_permille", &Params::min_signed_permille), field(8, "jail_ms", &Params::jail_ms),
            field(9, "double_sign_permille", &Params::double_sign_permille),
            field(10, "evidence_max_blocks", &Params::evidence_max_blocks),
            field(11, "grants_end_permille", &Params::grants_end_permille));
    }
    bool operator==(const Params&) const = default;
};

Bytes params_key();
// Whether this ledger has validators at all.
bool has_validators(const ledger::View& view);
// The defaults where there are none.
Params params(const ledger::View& view);
// Relations that the rules rest on. Errors: kBadField.
Result<> check(const Params& params);

}  // namespace sublet::stake
