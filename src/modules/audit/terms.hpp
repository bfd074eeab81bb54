// terms.hpp: how the results of a job are audited, as its creator asks for it.
// Deterministic. Spec: docs/spec/audits.md (terms).
#pragma once

#include "modules/audit/standing.hpp"

namespace sublet::audit {

inline constexpr std::uint32_t kMaxSharePermille = 1'000;
inline constexpr std::uint32_t kMaxPermille = 1'000;

enum class How : std::uint8_t {
    kCrops = 1,  // pieces of a picture are rendered again and compared
    kWhole = 2,  // the task is done again, and its bytes are the same
};
bool valid(How how);
std::string_view to_name(How how);

struct Terms {
    How how = How::kCrops;
    std::string engine;                // that auditors have: "blender-3.4-cpu", "batch"
    std::uint32_t share_permille = 0;  // of a task's pay that an auditor of it gets: 1 to 1,000
    std::uint32_t floor_permille = 0;  // the least probability of an audit: 1 to 1,000
    bool unstable = false;             // machines are known to disagree about it: nobody is punished (T24)
    Bytes tip;                         // 32 bytes: of the creator's chain of seeds (T23); empty: there is none
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "how", &Terms::how), field(2, "engine", &Terms::engine),
                           field(3, "share_permille", &Terms::share_permille),
                           field(4, "floor_permille", &Terms::floor_permille), field(5, "unstable", &Terms::unstable),
                           codec::raw_field(6, "tip", &Terms::tip));
    }
};

// Errors: kBadField, kOutOfRange.
Result<> check(const Terms& terms);
// Of an auditor of a task that pays at most so much; at least 1.
Amount audit_pay(const Terms& terms, Amount cap);
// What is set aside for the audits of tasks that may cost so much together: five quarters of one audit each.
Amount fund_of(const Terms& terms, Amount needed);

// The creator's chain: each element is what hashes to the one before; the tip comes with the job.
struct Chain {
    std::uint32_t version = 1;
    JobId job;
    Address owner;
    Hash tip{};
    static constexpr auto fields() {
        using codec::field;
        return codec::list(field(1, "version", &Chain::version), field(2, "job", &Chain::job),
                           field(3, "owner", &Chain::owner), field(4, "tip", &Chain::tip));
    }
};
Bytes chain_key(JobId job);
std::optional<Chain> find_chain(const ledger::View& view, JobId job);

}  // namespace sublet::audit
