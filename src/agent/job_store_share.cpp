// job_store_share.cpp: an input that another job of the same creator has here: shared by hard links, so that it lies on
// the disk once and goes with the last of them. Spec: docs/spec/storage.md (the same input again).
#include "agent/job_files.hpp"
#include "agent/job_store.hpp"

namespace sublet::agent {

namespace fs = std::filesystem;

// Another creator's is never looked at: he must not learn that it is here.
bool same_content(const KeptJob& one, const KeptJob& other) {
    return one.creator == other.creator && one.package.input && other.package.input &&
           one.package.input->sha256 == other.package.input->sha256 &&
           one.package.input->bytes == other.package.input->bytes;
}

const KeptJob* JobStore::complete_like(const KeptJob& job) const {
    for (const auto& [id, other] : jobs_) {
        if (id != job.id && other.complete && same_content(other, job)) {
            return &other;
        }
    }
    return nullptr;
}

Result<bool> JobStore::share_input(JobId id) {
    const auto found = jobs_.find(id);
    const KeptJob* like = found == jobs_.end() || found->second.complete ? nullptr : complete_like(found->second);
    if (like == nullptr) {
        return false;
    }
    const fs::path folder = folder_of(id);
    TRY_OK(remove_tree(folder / "unpacking"));
    std::error_code error;
    fs::copy(folder_of(like->id) / "in", folder / "unpacking",
             fs::copy_options::recursive | fs::copy_options::create_hard_links, error);
    if (!error) {
        fs::rename(folder / "unpacking", folder / "in", error);
    }
    if (error) {  // another file system, no more links: then it is fetched
        TRY_OK(remove_tree(folder / "unpacking"));
        return false;
    }
    found->second.complete = true;
    TRY_OK(remove_tree(folder / "input.tar"));
    if (const std::optional<SwarmInput> input = swarm_input(id)) {
        TRY(linked, share_swarm(found->second, *input));
        static_cast<void>(linked);  // else it comes by its own swarm, or is given to nobody
    }
    return true;
}

Result<bool> JobStore::share_swarm(const KeptJob& job, const SwarmInput& input) {
    for (const auto& [id, other] : jobs_) {
        const std::optional<SwarmInput> theirs =
            id != job.id && other.complete && same_content(other, job) ? swarm_input(id) : std::nullopt;
        if (!theirs || identity_of(*theirs) != identity_of(input)) {
            continue;
        }
        TRY_OK(make_folder(swarm_folder(job.id)));
        const fs::path to = swarm_folder(job.id) / swarm::kContentName;
        std::error_code error;
        fs::remove(to, error);
        fs::create_hard_link(swarm_folder(id) / swarm::kContentName, to, error);
        return !error;
    }
    return false;
}

}  // namespace sublet::agent
