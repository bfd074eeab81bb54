// params.hpp: the parameters of proposals. They are in the state where there are validators only.
// Deterministic. Spec: docs/spec/governance.md (parameters).
#pragma once

#include "ledger/ledger.hpp"

namespace sublet::gov {

struct Params {
    std::uint32_t version = 1;
    std::uint64_t voting_ms = 259'200'000;      // of a proposal: 3 days of ledger time
    Amount proposal_deposit{100'000'000};       // ulet; burnt where too few take part
    std::uint64_t quorum_permille = 334;        // of all power, that takes part
    std::uint64_t threshold_permille = 500;     // of yes and no, that yes must exceed
    std::uint64_t upgrade_yes_permille = 667;   // of all power, for an upgrade
    std::uint64_t upgrade_notice_blocks = 100;  // the least between the end of the vote and the upgrade

    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Params::version), field(2, "voting_ms", &Params::voting_ms),
                           field(3, "proposal_deposit", &Params::proposal_deposit),
                           field(4, "quorum_permille", &Params::quorum_permille),
                           field(5, "threshold_permille", &Params::threshold_permille),
                           field(6, "upgrade_yes_permille", &Params::upgrade_yes_permille),
                           field(7, "upgrade_notice_blocks", &Params::upgrade_notice_blocks));
    }
    bool operator==(const Params&) const = default;
};

Bytes params_key();
// The defaults where there are none.
Params params(const ledger::View& view);
// Errors: kBadField.
Result<> check(const Params& params);

}  // namespace sublet::gov
