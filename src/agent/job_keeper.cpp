// job_keeper.cpp: which jobs are kept, and for how much of the disk.
#include "agent/job_keeper.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "agent/job_files.hpp"
#include "client/signed_text.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

constexpr const char* kKeepFile = "keep";
constexpr double kGib = 1'073'741'824;

std::uint64_t bytes_of(const KeptJob& job) { return job.package.input ? job.package.input->bytes : 0; }

std::string gib(std::uint64_t bytes) { return fmt::format("{:.3f} GiB", static_cast<double>(bytes) / kGib); }

}  // namespace

bool JobKeeper::offers() const {
    return core_.options.storage_bytes > 0 && worker_.lends() && core_.parts.transport != nullptr &&
           core_.parts.operator_key != nullptr;
}

JobKeeper::Kept* JobKeeper::find(JobId id) {
    const auto found = kept_.find(id);
    return found == kept_.end() ? nullptr : &found->second;
}

// Also where its owner offers storage no more: then nothing of it is taken up again.
void JobKeeper::resume() {
    for (const JobId id : worker_.store().ids()) {
        const Result<Bytes> text = read_file(worker_.store().job_folder(id) / kKeepFile, 0, client::kMaxTokenText);
        if (!text || !offers()) {
            continue;
        }
        const Result<client::Delegation> delegation = judge(*worker_.store().find(id), *text);
        if (delegation) {
            kept_[id] = Kept{*delegation, *text, {}};
        } else {
            net::log(net::LogLevel::kInfo, "storage",
                     fmt::format("job {} is kept no more: {}", id.value(), delegation.error().message));
        }
    }
}

Result<client::Delegation> JobKeeper::judge(const KeptJob& job, const std::string& text) const {
    TRY(out, client::verify_delegation(text, core_.chain_id, core_.parts.clock.unix_ms() / 1'000));
    if (out.creator != job.creator || out.job != job.id) {
        return fail(Code::kUnauthorized, "the delegation is for another job");
    }
    if (out.keeper != core_.parts.ledger.operator_address()) {
        return fail(Code::kUnauthorized, "the delegation is for another provider's operator");
    }
    const std::optional<SwarmInput> swarm = worker_.store().swarm_input(job.id);
    if (out.input != (swarm ? identity_of(*swarm) : Hash{})) {
        return fail(Code::kConflict, "the delegation is for another input than the one that is here");
    }
    return out;
}

Result<> JobKeeper::take(JobId id, const std::string& text) {
    if (!offers()) {
        return fail(Code::kUnsupported, "this provider offers no storage");
    }
    const KeptJob* job = worker_.store().find(id);
    if (job == nullptr) {
        return fail(Code::kNotFound, "send the package first");
    }
    if (!job->complete) {
        return fail(Code::kConflict, "the input is not here yet: what is not here cannot be kept");
    }
    if (bytes_of(*job) > kKeptWholeBytes && !worker_.store().swarm_input(id)) {
        return fail(Code::kConflict, "an input of more than 4 MiB is kept where it came by swarm");
    }
    TRY(delegation, judge(*job, text));
    if (!kept_.contains(id)) {
        TRY_OK(check_quota(*job));
    }
    TRY_OK(write_file(worker_.store().job_folder(id) / kKeepFile, text));
    Kept& kept = kept_[id];
    kept.delegation = delegation;
    kept.text = text;
    return {};
}

KeepView JobKeeper::view(JobId id) const {
    const auto found = kept_.find(id);
    if (found == kept_.end()) {
        return {};
    }
    KeepView out{.kept = true, .until_s = found->second.delegation.expires_s, .brought = {}};
    for (const auto& [owner, place] : found->second.places) {
        if (place.done || place.busy) {
            out.brought.push_back(owner);
        }
    }
    return out;
}

// A content that several jobs of one creator have is here once.
std::map<crypto::Address, StorageUse> JobKeeper::use() const {
    std::map<crypto::Address, StorageUse> out;
    std::set<std::pair<crypto::Address, Hash>> counted;
    for (const auto& [id, kept] : kept_) {
        const KeptJob* job = worker_.store().find(id);
        if (job == nullptr) {
            continue;
        }
        StorageUse& of = out[job->creator];
        of.jobs.push_back(id);
        if (job->package.input && counted.emplace(job->creator, job->package.input->sha256).second) {
            of.bytes += bytes_of(*job);
        }
    }
    return out;
}

Result<> JobKeeper::check_quota(const KeptJob& job) const {
    const std::map<crypto::Address, StorageUse> used = use();
    std::uint64_t total = 0;
    std::uint64_t own = 0;
    std::string own_jobs;
    for (const auto& [creator, each] : used) {
        total += each.bytes;
        own = creator == job.creator ? each.bytes : own;
        for (const JobId id : creator == job.creator ? each.jobs : std::vector<JobId>{}) {
            const KeptJob* kept = worker_.store().find(id);
            const bool same = kept != nullptr && kept->package.input && job.package.input &&
                              kept->package.input->sha256 == job.package.input->sha256;
            if (same) {
                return {};  // it takes nothing more
            }
            own_jobs += (own_jobs.empty() ? "job " : ", job ") + std::to_string(id.value());
        }
    }
    const std::uint64_t each_may =
        core_.options.storage_bytes_each == 0 ? core_.options.storage_bytes : core_.options.storage_bytes_each;
    if (own + bytes_of(job) > each_may) {
        return fail(
            Code::kRefused,
            fmt::format("this provider keeps at most {} for one creator; {} of yours are here{}, and this job "
                        "has {}; `sublet job forget` frees what a job has",
                        gib(each_may), gib(own), own_jobs.empty() ? "" : " (" + own_jobs + ")", gib(bytes_of(job))));
    }
    if (total + bytes_of(job) > core_.options.storage_bytes) {
        return fail(Code::kRefused, fmt::format("the storage of this provider, {}, is full; another one may have room",
                                                gib(core_.options.storage_bytes)));
    }
    return {};
}

}  // namespace sublet::agent
