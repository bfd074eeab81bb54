// auditor_judge.cpp: what an auditor thinks of a worker's result, and arbiters of what earlier auditors found.
// Spec: docs/spec/verification.md (comparison), docs/spec/audits.md (arbiters).
#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "agent/auditor.hpp"
#include "agent/job_files.hpp"
#include "agent/worker.hpp"
#include "client/provider_client.hpp"
#include "crypto/sha256.hpp"
#include "jobs/archive.hpp"
#include "jobs/crop_files.hpp"
#include "jobs/still.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFetchAgain_ms = 2'000;
constexpr std::uint64_t kArchiveOverhead = 64ULL << 20U;  // headers of an archive, beside its contents
constexpr std::size_t kMaxPlanBytes = 64U << 10U;
constexpr std::uint64_t kThird = 3;

Result<Hash> answer_of_archive(const Hash& seed, const JobStore& store, const AttemptId& id) {
    crypto::Sha256 hasher;
    hasher.update(view_of(seed));
    std::uint64_t offset = 0;
    while (true) {
        TRY(piece, store.result(id, offset, kMaxPieceBytes));
        if (piece.empty()) {
            return hasher.finish();
        }
        hasher.update(piece);
        offset += piece.size();
    }
}

Result<> copy_result(const JobStore& store, const AttemptId& id, const fs::path& file) {
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    std::uint64_t offset = 0;
    while (true) {
        TRY(piece, store.result(id, offset, kMaxPieceBytes));
        out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (!out) {
            return fail(Code::kIo, "cannot write " + file.string());
        }
        if (piece.empty()) {
            return {};
        }
        offset += piece.size();
    }
}

}  // namespace

std::vector<jobs::Crop> Auditor::crops_of(const audit::Audit& audit, const KeptJob& job) const {
    const Result<jobs::PictureSize> size = size_of(audit, job);
    if (!size || !job.package.audit) {
        return {};
    }
    const jobs::CropRule& rule = job.package.audit->crops;
    std::vector<jobs::Crop> out = jobs::choose_crops(audit.seed, *size, rule, job.package.audit->map);
    // Where its creator says that it shows.
    for (std::size_t i = 0; i + 1 < audit.evidence.size(); i += 2) {
        const std::uint32_t width = std::min(rule.side, size->width);
        const std::uint32_t height = std::min(rule.side, size->height);
        out.push_back({std::min(audit.evidence[i], size->width - width),
                       std::min(audit.evidence[i + 1], size->height - height), width, height});
    }
    return out;
}

Result<jobs::PictureSize> Auditor::size_of(const audit::Audit& audit, const KeptJob& job) const {
    if (!job.package.audit) {
        return fail(Code::kUnsupported, "the package says nothing of audits");
    }
    TRY(plan, read_file(worker_.store().input_folder(audit.job) / "plan.json", 0, kMaxPlanBytes));
    TRY(still, jobs::still_of_plan(plan));
    return still ? jobs::part_size(*still, audit.task, job.package.audit->size) : job.package.audit->size;
}

Result<Auditor::Own> Auditor::unpack_own(const audit::Audit& audit, const KeptJob& job, bool pinned) const {
    const AttemptId id = audit_attempt(audit.job, audit.task, audit.attempt, pinned);
    const fs::path archive = scratch(audit, pinned ? "own.tar" : "other.tar");
    Own out;
    out.folder = scratch(audit, pinned ? "own" : "other");
    TRY_OK(remove_tree(out.folder));
    TRY_OK(copy_result(worker_.store(), id, archive));
    TRY_OK(jobs::unpack(archive, out.folder, {.max_bytes = job.package.output_max_bytes}));
    TRY(files, jobs::crop_files(out.folder, crops_of(audit, job).size()));
    TRY(answer, jobs::answer_of_crops(audit.seed, files));
    out.files = std::move(files);
    out.answer = answer;
    return out;
}

Result<Hash> Auditor::answer_of(const audit::Audit& audit) const {
    const KeptJob* job = worker_.store().find(audit.job);
    if (job == nullptr) {
        return fail(Code::kNotFound, "the job is gone from here");
    }
    if (audit.how == audit::How::kWhole) {
        return answer_of_archive(audit.seed, worker_.store(),
                                 audit_attempt(audit.job, audit.task, audit.attempt, true));
    }
    TRY(own, unpack_own(audit, *job, true));
    return own.answer;
}

Task<Auditor::Judgement> Auditor::judge(Seat seat) {
    const audit::Audit audit = seat.audit;
    Task<Judgement> judging =
        audit.how == audit::How::kWhole ? judge_whole(std::move(seat)) : judge_crops(std::move(seat));
    Judgement out = co_await std::move(judging);
    for (const char* each : {"own", "other", "theirs", "pieces"}) {
        static_cast<void>(remove_tree(scratch(audit, each)));
        static_cast<void>(remove_tree(scratch(audit, std::string{each} + ".tar")));
    }
    co_return out;
}

Task<Auditor::Judgement> Auditor::judge_whole(Seat seat) {
    const audit::Audit& audit = seat.audit;
    const AttemptId own = audit_attempt(audit.job, audit.task, audit.attempt, true);
    const Result<std::optional<Outcome>> found = worker_.store().outcome(own);
    const Result<Hash> answer = answer_of(audit);
    if (!found || !*found || !answer) {
        co_return Judgement{audit::Verdict::kInconclusive, 0, "what was found here is gone"};
    }
    // What is right and not to be had is of no use to its creator.
    std::filesystem::path file = scratch(audit, "theirs.tar");
    const AttemptId theirs{audit.job, audit.task, audit.attempt};
    Task<Result<>> fetching = fetch(audit.worker, theirs, false, std::move(file),
                                    until(seat, core_.seen.status.params.audit_silence_ms / kThird));
    const Result<> fetched = co_await std::move(fetching);
    if (!fetched) {
        co_return Judgement{audit::Verdict::kUnserved, 0, fetched.error().message};
    }
    Judgement out{(*found)->digest == audit.digest ? audit::Verdict::kPass : audit::Verdict::kFail, 0, ""};
    for (std::size_t i = 0; i < audit.seats.size() && seat.mine().round == audit::Round::kArbiters; ++i) {
        const audit::Seat& each = audit.seats[i];
        if (each.round != audit::Round::kArbiters && each.state == audit::SeatState::kShown && each.answer != *answer) {
            out.wrong |= 1U << i;
        }
    }
    co_return out;
}

Task<Auditor::Judgement> Auditor::judge_crops(Seat seat) {
    const audit::Audit audit = seat.audit;
    const KeptJob* kept = worker_.store().find(audit.job);
    if (kept == nullptr) {
        co_return Judgement{audit::Verdict::kInconclusive, 0, "the job is gone from here"};
    }
    const KeptJob job = *kept;
    const bool arbiter = seat.mine().round == audit::Round::kArbiters;
    const Result<Own> own = unpack_own(audit, job, true);
    const Result<Own> other = arbiter ? unpack_own(audit, job, false) : own;
    const Result<jobs::PictureSize> size = size_of(audit, job);
    if (!own || !other || !size) {
        co_return Judgement{audit::Verdict::kInconclusive, 0,
                            !own     ? own.error().message
                            : !other ? other.error().message
                                     : size.error().message};
    }
    Judgement out;
    if (arbiter) {
        std::filesystem::path pinned = own->folder;
        Seat looking = seat;
        Task<std::uint32_t> marking = wrong_ones(std::move(looking), std::move(pinned));
        out.wrong = co_await std::move(marking);
    }
    std::filesystem::path file = scratch(audit, "theirs.tar");
    const AttemptId theirs{audit.job, audit.task, audit.attempt};
    const std::uint64_t until_ms = until(seat, core_.seen.status.params.audit_silence_ms / kThird);
    Task<Result<>> fetching = fetch(audit.worker, theirs, false, std::move(file), until_ms);
    const Result<> fetched = co_await std::move(fetching);
    if (!fetched) {
        co_return Judgement{audit::Verdict::kUnserved, out.wrong, fetched.error().message};
    }
    const fs::path folder = scratch(audit, "theirs");
    static_cast<void>(remove_tree(folder));
    const Result<> unpacked =
        jobs::unpack(scratch(audit, "theirs.tar"), folder, {.max_bytes = job.package.output_max_bytes});
    const Result<fs::path> picture = unpacked ? jobs::only_picture(folder) : std::unexpected{unpacked.error()};
    if (!picture) {
        const bool ours = picture.error().code == Code::kIo;
        out.verdict = ours ? audit::Verdict::kInconclusive : audit::Verdict::kFail;
        out.why = picture.error().message;
        co_return out;
    }
    const std::vector<jobs::Crop> crops = crops_of(audit, job);
    const jobs::Comparison pinned = jobs::compare_crops(*picture, *size, crops, own->files);
    const jobs::Comparison native = arbiter ? jobs::compare_crops(*picture, *size, crops, other->files) : pinned;
    out.why = pinned.says;
    if (pinned.verdict == jobs::Verdict::kInconclusive || native.verdict == jobs::Verdict::kInconclusive) {
        out.verdict = audit::Verdict::kInconclusive;
    } else if (pinned.verdict == jobs::Verdict::kPass || native.verdict == jobs::Verdict::kPass) {
        out.verdict = audit::Verdict::kPass;  // a slash needs failure against both (T24)
    } else {
        const bool agree = !arbiter || jobs::same_crops(own->files, other->files);
        out.verdict = agree ? audit::Verdict::kFail : audit::Verdict::kUnstable;
    }
    co_return out;
}

Task<std::uint32_t> Auditor::wrong_ones(Seat seat, std::filesystem::path own) {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < seat.audit.seats.size(); ++i) {
        const audit::Seat& each = seat.audit.seats[i];
        if (each.round == audit::Round::kArbiters || each.state != audit::SeatState::kShown) {
            continue;
        }
        Seat looking = seat;
        std::filesystem::path folder = own;
        Task<bool> judging = is_wrong(std::move(looking), i, std::move(folder));
        out |= co_await std::move(judging) ? 1U << i : 0U;
    }
    co_return out;
}

// The same bits need no look. Others may be a machine's own way; what nobody can have was never rendered.
Task<bool> Auditor::is_wrong(Seat seat, std::size_t other, std::filesystem::path own) {
    const audit::Audit& audit = seat.audit;
    const audit::Seat& theirs = audit.seats[other];
    const KeptJob* job = worker_.store().find(audit.job);
    const std::size_t count = job == nullptr ? 0 : crops_of(audit, *job).size();
    const Result<std::vector<fs::path>> own_files = jobs::crop_files(own, count);
    const Result<Hash> answer =
        own_files ? jobs::answer_of_crops(audit.seed, *own_files) : std::unexpected{own_files.error()};
    if (job == nullptr || !answer || *answer == theirs.answer) {
        co_return false;
    }
    const std::uint64_t bytes_max = job->package.output_max_bytes;
    std::filesystem::path file = scratch(audit, "pieces.tar");
    const AttemptId id = audit_attempt(audit.job, audit.task, audit.attempt, true);
    const std::uint64_t until_ms = until(seat, core_.seen.status.params.audit_silence_ms * 2 / kThird);
    Task<Result<>> fetching = fetch(theirs.auditor, id, true, std::move(file), until_ms);
    const Result<> fetched = co_await std::move(fetching);
    const fs::path folder = scratch(audit, "pieces");
    static_cast<void>(remove_tree(folder));
    const Result<> unpacked = fetched ? jobs::unpack(scratch(audit, "pieces.tar"), folder, {.max_bytes = bytes_max})
                                      : std::unexpected{fetched.error()};
    const Result<std::vector<fs::path>> files =
        unpacked ? jobs::crop_files(folder, count) : std::unexpected{unpacked.error()};
    const Result<Hash> said = files ? jobs::answer_of_crops(audit.seed, *files) : std::unexpected{files.error()};
    co_return !said || *said != theirs.answer || !jobs::same_crops(*files, *own_files);
}

Task<Result<>> Auditor::fetch(crypto::Address from, AttemptId what, bool pieces, std::filesystem::path file,
                              std::uint64_t until_ms) {
    while (true) {
        std::filesystem::path where = file;
        Task<Result<>> fetching = fetch_once(from, what, pieces, std::move(where));
        Result<> fetched = co_await std::move(fetching);
        if (fetched || core_.stopping || core_.parts.clock.monotonic_ms() >= until_ms) {
            co_return fetched;
        }
        co_await core_.parts.clock.sleep(kFetchAgain_ms);
    }
}

Task<Result<>> Auditor::fetch_once(crypto::Address from, AttemptId what, bool pieces, std::filesystem::path file) {
    CO_TRY(record, co_await core_.parts.ledger.provider(from));
    const KeptJob* job = worker_.store().find(what.job);
    if (!record || job == nullptr) {
        co_return fail(Code::kNotFound, "the ledger knows no such provider, or the job is gone");
    }
    const std::uint64_t most = job->package.output_max_bytes + kArchiveOverhead;
    CO_TRY(gateway, client::Gateway::of(*record, core_.chain_id));
    client::ProviderClient client{*core_.parts.transport, core_.parts.clock, core_.parts.random,
                                  *core_.parts.operator_key, std::move(gateway)};
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    crypto::Sha256 hasher;
    std::uint64_t offset = 0;
    while (true) {
        CO_TRY(piece, co_await client.result(what.job, what.task, what.attempt, offset, pieces ? "pieces" : "result"));
        if (piece.empty()) {
            break;
        }
        offset += piece.size();
        hasher.update(piece);
        out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
        if (offset > most || !out) {
            co_return fail(out ? Code::kTooLarge : Code::kIo,
                           "it is more than the package allows, or the disk is full");
        }
    }
    if (pieces) {
        co_return Result<>{};
    }
    CO_TRY(audit, co_await core_.parts.ledger.audit({what.job, what.task, what.attempt}));
    if (!audit || hasher.finish() != audit->digest) {
        co_return fail(Code::kConflict, "what it gives is not what it committed to");
    }
    co_return Result<>{};
}

}  // namespace sublet::agent
