// auditor.hpp: does again, in whole or in crops, what others did and this provider was drawn to audit; says what it
// found before it has seen theirs, then what it thinks of it. Spec: docs/spec/audits.md, docs/spec/verification.md.
#pragma once

#include <filesystem>
#include <map>
#include <set>

#include "agent/core.hpp"
#include "agent/job_store.hpp"
#include "agent/worker_parts.hpp"
#include "jobs/compare.hpp"

namespace sublet::agent {

inline constexpr std::size_t kMaxAuditsAtOnce = 1;  // that render; what is found is told at once
inline constexpr unsigned kMaxAuditTries = 3;
inline constexpr std::uint64_t kAuditLook_ms = 1'000;
inline constexpr std::uint64_t kInputPatience_ms = 120'000;  // until a job that did not come counts as not to be had

// The references outlive it; what it spawns belongs to core.tasks.
class Auditor {
public:
    Auditor(Core& core, Worker& worker) : core_(core), worker_(worker) {}

    // Takes up what is asked of this provider now.
    Task<> look();
    [[nodiscard]] bool renders() const { return !rendering_.empty(); }

private:
    struct Seat {
        audit::Audit audit;
        std::size_t at = 0;  // in audit.seats
        [[nodiscard]] const audit::Seat& mine() const { return audit.seats[at]; }
    };
    using Which = std::pair<JobId, std::uint32_t>;
    struct Judgement {
        audit::Verdict verdict = audit::Verdict::kInconclusive;
        std::uint32_t wrong = 0;
        std::string why;
    };
    // Crops as they came out of one profile.
    struct Own {
        std::filesystem::path folder;
        std::vector<std::filesystem::path> files;
        Hash answer{};
    };

    void take_up(const audit::Audit& audit);
    Task<> sit(Seat seat);
    // Renders, and commits to what came out.
    Task<> find_out(Seat seat);
    Task<Result<>> render(Seat seat);
    Task<Result<>> render_as(Seat seat, KeptJob job, bool pinned);
    // Fetches theirs, compares, judges.
    Task<Judgement> judge(Seat seat);
    Task<Judgement> judge_whole(Seat seat);
    Task<Judgement> judge_crops(Seat seat);
    // A bit for each earlier auditor whose crops are not what came out here, or cannot be had.
    Task<std::uint32_t> wrong_ones(Seat seat, std::filesystem::path own);
    Task<bool> is_wrong(Seat seat, std::size_t other, std::filesystem::path own);
    Task<> show(Seat seat);
    Task<> tell_verdict(Seat seat, Judgement what);
    Task<bool> tell(Message message);

    // From the gateway of a provider, until there is an answer or `until_ms`.
    Task<Result<>> fetch(crypto::Address from, AttemptId what, bool pieces, std::filesystem::path file,
                         std::uint64_t until_ms);
    Task<Result<>> fetch_once(crypto::Address from, AttemptId what, bool pieces, std::filesystem::path file);

    [[nodiscard]] std::vector<jobs::Crop> crops_of(const audit::Audit& audit, const KeptJob& job) const;
    [[nodiscard]] Result<jobs::PictureSize> size_of(const audit::Audit& audit, const KeptJob& job) const;
    [[nodiscard]] Result<Own> unpack_own(const audit::Audit& audit, const KeptJob& job, bool pinned) const;
    // What this auditor is bound to.
    [[nodiscard]] Result<Hash> answer_of(const audit::Audit& audit) const;
    [[nodiscard]] std::filesystem::path scratch(const audit::Audit& audit, const std::string& name) const;
    // Monotonic: when the seat's time is so far gone that only `left_ms` of it are there.
    [[nodiscard]] std::uint64_t until(const Seat& seat, std::uint64_t left_ms) const;

    Core& core_;
    Worker& worker_;
    std::set<Which> busy_;
    std::set<Which> rendering_;
    std::map<Which, unsigned> failed_;
    std::map<Which, std::uint64_t> seen_ms_;  // monotonic: since when it is asked for
    std::uint64_t looked_ms_ = 0;
};

// That an auditor can do it: Blender's command and program as they are known here. In whole: always.
bool can_audit(const KeptJob& job, audit::How how, const JobStore& store);

}  // namespace sublet::agent
