// job_store.cpp: folders of jobs: package.json, creator, input.tar, in/, swarm.json, swarm/, and NUMBER-ATTEMPT/ with
// out/, result.tar, outcome.json and log.
#include "agent/job_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/job_files.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

jobs::ArchiveLimits input_limits() { return {.max_bytes = kMaxJobInputBytes}; }

template <class Number>
std::optional<Number> number_in(const std::string& text) {
    Number out{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional<Number>{out} : std::nullopt;
}

}  // namespace

fs::path JobStore::folder_of(JobId id) const { return folder_ / std::to_string(id.value()); }
fs::path JobStore::folder_of(const AttemptId& id) const {
    return folder_of(id.job) / (std::to_string(id.task) + "-" + std::to_string(id.attempt));
}
fs::path JobStore::input_folder(JobId id) const { return folder_of(id) / "in"; }
fs::path JobStore::out_folder(const AttemptId& id) const { return folder_of(id) / "out"; }

Result<JobStore> JobStore::open(fs::path folder) {
    TRY_OK(make_folder(folder));
    JobStore out{std::move(folder)};
    std::error_code error;
    for (const fs::directory_entry& each : fs::directory_iterator{out.folder_, error}) {
        if (each.path().extension() == ".removed") {  // as far as it had come
            TRY_OK(remove_tree(each.path()));
        }
        const auto id = number_in<std::uint64_t>(each.path().filename().string());
        if (id && !out.adopt(JobId{*id})) {
            out.jobs_.erase(JobId{*id});
            TRY_OK(remove_tree(each.path()));
        }
    }
    return out;
}

Result<> JobStore::adopt(JobId id) {
    TRY(text, read_file(folder_of(id) / "package.json", 0, jobs::kMaxPackageBytes + 1));
    TRY(package, jobs::package_from_json(text));
    TRY(creator_text, read_file(folder_of(id) / "creator", 0, 128));
    TRY(creator, crypto::parse_address(creator_text));
    KeptJob& job = jobs_[id];
    job = {id, creator, package, false};
    return look_for_input(job);
}

const KeptJob* JobStore::find(JobId id) const {
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? nullptr : &found->second;
}

std::vector<JobId> JobStore::ids() const {
    std::vector<JobId> out;
    for (const auto& [id, job] : jobs_) {
        out.push_back(id);
    }
    return out;
}

Result<> JobStore::put_package(JobId id, const crypto::Address& creator, BytesView text) {
    TRY(package, jobs::package_from_json(text));
    if (jobs_.contains(id)) {
        TRY(before, read_file(folder_of(id) / "package.json", 0, jobs::kMaxPackageBytes + 1));
        return before == text ? Result<>{} : fail(Code::kConflict, "another package of this job is here");
    }
    if (held_.contains(id)) {
        return fail(Code::kRefused, "what was here of this job is being removed; send its package again in a moment");
    }
    if (jobs_.size() >= kMaxJobsKept) {
        return fail(Code::kRefused, "this worker keeps " + std::to_string(kMaxJobsKept) + " jobs, no more");
    }
    KeptJob fresh{id, creator, package, false};
    const bool shared = complete_like(fresh) != nullptr;
    TRY_OK(check_room(package.input && !shared ? package.input->bytes : 0));
    TRY_OK(make_folder(folder_of(id)));
    TRY_OK(write_file(folder_of(id) / "creator", crypto::to_bech32(creator)));
    TRY_OK(write_file(folder_of(id) / "package.json", text));
    KeptJob& job = jobs_[id] = std::move(fresh);
    TRY_OK(share_input(id));
    return look_for_input(job);
}

Result<> JobStore::check_room(std::uint64_t input_bytes) const {
    if (input_bytes > kMaxJobInputBytes) {
        return fail(Code::kTooLarge, "a worker takes inputs of at most 16 GiB");
    }
    std::uint64_t kept = input_bytes;
    for (const auto& [id, job] : jobs_) {
        kept += job.package.input ? job.package.input->bytes : 0;
    }
    std::error_code error;
    const fs::space_info disk = fs::space(folder_, error);
    const std::uint64_t needed = input_bytes == 0 ? 0 : 2 * input_bytes + promised(std::nullopt);
    if (kept > kMaxKeptInputBytes || error || disk.available < kDiskKeptFree + needed) {
        return fail(Code::kRefused, "this worker has no room for the input");
    }
    return {};
}

std::uint64_t JobStore::promised(std::optional<JobId> by_swarm) const {
    std::uint64_t out = 0;
    for (const auto& [id, job] : jobs_) {
        if (job.complete || !job.package.input) {
            continue;
        }
        std::error_code error;
        const bool swarm = id == by_swarm || fs::exists(folder_of(id) / "swarm.json", error);
        const std::uint64_t whole = (swarm ? 3 : 2) * job.package.input->bytes;
        out += whole - std::min(whole, bytes_below(folder_of(id), whole));
    }
    return out;
}

std::uint64_t JobStore::input_bytes(JobId id) const {
    const KeptJob* job = find(id);
    if (job != nullptr && job->complete && job->package.input) {
        return job->package.input->bytes;
    }
    std::error_code error;
    const std::uintmax_t size = fs::file_size(folder_of(id) / "input.tar", error);
    return error ? 0 : size;
}

Result<> JobStore::append_input(JobId id, std::uint64_t offset, BytesView piece) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || !found->second.package.input) {
        return fail(Code::kNotFound, "there is no job here that waits for an input");
    }
    const std::uint64_t here = input_bytes(id);
    if (offset != here || found->second.complete) {
        return fail(Code::kConflict, std::to_string(here) + " bytes of the input are here: go on from there");
    }
    if (piece.empty()) {  // else a whole input could be checked again for the asking
        return fail(Code::kBadField, "there is nothing in this piece of the input");
    }
    if (piece.size() > found->second.package.input->bytes - here) {
        return fail(Code::kTooLarge, "the input ends before this piece does");
    }
    const fs::path file = folder_of(id) / "input.tar";
    std::ofstream out{file, std::ios::binary | std::ios::app};
    out.write(piece.data(), static_cast<std::streamsize>(piece.size()));
    out.close();
    if (!out) {
        std::error_code error;
        fs::resize_file(file, here, error);  // so that the creator may go on from where it was
        return io_error(file, "writing");
    }
    return {};
}

// What an earlier run unpacked stays; what it did not come to is done again.
Result<> JobStore::look_for_input(KeptJob& job) const {
    const fs::path folder = folder_of(job.id);
    std::error_code error;
    if (!job.package.input) {
        job.complete = true;
        return make_folder(folder / "in");
    }
    job.complete = fs::exists(folder / "in", error);
    return job.complete ? remove_tree(folder / "input.tar") : Result<>{};
}

std::optional<WholeInput> JobStore::whole_input(JobId id) const {
    const KeptJob* job = find(id);
    if (job == nullptr || job->complete || !job->package.input || input_bytes(id) < job->package.input->bytes) {
        return std::nullopt;
    }
    return WholeInput{folder_of(id), job->package.input->sha256};
}

Result<> unpack(const WholeInput& input) {
    const fs::path archive = input.folder / "input.tar";
    const fs::path fresh = input.folder / "unpacking";
    TRY(digest, jobs::file_sha256(archive));
    if (digest != input.sha256) {
        TRY_OK(remove_tree(archive));
        return fail(Code::kBadField, "the input is not what the package names (SHA-256); send it again from its start");
    }
    TRY_OK(remove_tree(fresh));
    Result<> unpacked = jobs::unpack(archive, fresh, input_limits());
    if (unpacked) {
        std::error_code error;
        fs::rename(fresh, input.folder / "in", error);
        unpacked = error ? io_error(input.folder, "unpacking into") : Result<>{};
    }
    TRY_OK(remove_tree(archive));  // also where it failed: then it comes again from its start
    TRY_OK(remove_tree(fresh));
    return unpacked;
}

Result<> JobStore::settle(JobId id, Result<> unpacked) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) {
        return fail(Code::kNotFound, "the job is not here any more");
    }
    found->second.complete = unpacked.has_value();
    return unpacked;
}

void JobStore::release(JobId id) {
    const auto found = held_.find(id);
    if (found != held_.end() && --found->second == 0) {
        held_.erase(found);
        if (!jobs_.contains(id)) {
            static_cast<void>(remove_tree(folder_of(id)));  // else the next start does
        }
    }
}

// The encrypted input stays beside the archive and what is unpacked from it.
Result<> JobStore::check_room_for_swarm(const KeptJob& job) const {
    std::error_code error;
    const fs::space_info disk = fs::space(folder_, error);
    if (error || disk.available < kDiskKeptFree + promised(job.id)) {
        return fail(Code::kRefused, "this worker has no room for the input as a swarm");
    }
    return {};
}

Result<> JobStore::put_swarm(JobId id, const SwarmInput& input) {
    const KeptJob* job = find(id);
    if (job == nullptr || !job->package.input) {
        return fail(Code::kNotFound, "there is no job here that waits for an input");
    }
    const std::optional<SwarmInput> before = swarm_input(id);
    if (before && (before->torrent != input.torrent || before->key != input.key)) {
        return fail(Code::kConflict, "another swarm of this job is here");
    }
    if (!before && job->complete) {
        TRY(shared, share_swarm(*job, input));
        return shared ? write_file(folder_of(id) / "swarm.json", to_json(input))
                      : fail(Code::kConflict, "the input is here already");
    }
    if (!before) {
        TRY_OK(check_room_for_swarm(*job));
    }
    TRY_OK(make_folder(swarm_folder(id)));
    return write_file(folder_of(id) / "swarm.json", to_json(input));
}

std::optional<SwarmInput> JobStore::swarm_input(JobId id) const {
    const KeptJob* job = find(id);
    const Result<Bytes> text = read_file(folder_of(id) / "swarm.json", 0, 2 * swarm::kMaxTorrentBytes);
    if (job == nullptr || !job->package.input || !text) {
        return std::nullopt;
    }
    Result<SwarmInput> out = swarm_input_from_json(*text, job->package.input->bytes);
    return out ? std::optional{std::move(*out)} : std::nullopt;
}

fs::path JobStore::swarm_folder(JobId id) const { return folder_of(id) / "swarm"; }

Result<> JobStore::drop_swarm(JobId id) {
    TRY_OK(remove_tree(folder_of(id) / "swarm.json"));
    return remove_tree(swarm_folder(id));
}

Result<> JobStore::take_input(JobId id, const fs::path& archive) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || !found->second.package.input) {
        return fail(Code::kNotFound, "there is no job here that waits for an input");
    }
    if (held_.contains(id)) {
        return fail(Code::kConflict, "the input that came first is being unpacked");
    }
    std::error_code error;
    if (found->second.complete) {
        return remove_tree(archive);
    }
    fs::rename(archive, folder_of(id) / "input.tar", error);
    return error ? io_error(archive, "moving") : Result<>{};
}

Result<> JobStore::note_pulled(JobId id) { return write_file(folder_of(id) / "pulled", ""); }

bool JobStore::pulled(JobId id) const {
    std::error_code error;
    return fs::exists(folder_of(id) / "pulled", error);
}

Result<> JobStore::drop(JobId id) {
    jobs_.erase(id);
    const Result<> removed = remove_tree(folder_of(id));
    return held_.contains(id) ? Result<>{} : removed;  // then the rest goes with release()
}

Result<fs::path> JobStore::new_session(JobId id, unsigned number) {
    const fs::path folder = folder_of(id) / ("session-" + std::to_string(number));
    TRY_OK(remove_tree(folder));
    TRY_OK(make_folder(folder / "todo"));
    TRY_OK(make_folder(folder / "out"));
    return folder;
}

Result<> JobStore::drop_session(JobId id, unsigned number) {
    return remove_tree(folder_of(id) / ("session-" + std::to_string(number)));
}

}  // namespace sublet::agent
