// job_results.cpp: results of a job: fetched, compared with the ledger, looked at, put in place or aside.
#include <fstream>

#include "agent/job_store.hpp"
#include "cli/job_follow.hpp"
#include "cli/place_result.hpp"
#include "jobs/archive.hpp"
#include "jobs/preflight.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRefusedFolder = "refused";  // in the folder of results
constexpr unsigned kMaxWrong = 3;                  // that another result than the committed one is shown
constexpr std::uint64_t kKeptFree = 64ULL << 20U;  // of the creator's disk

// Parts check each other: one with fewer samples than it should have another noise. A sign, no proof.
void warn_of_parts(const SavedJob& saved, const std::map<std::uint32_t, fs::path>& parts, Progress& progress) {
    const Result<std::vector<jobs::SuspiciousPart>> found = jobs::suspicious_parts(*saved.still, parts);
    if (!found) {
        progress.note("the parts could not be checked against each other: " + jobs::one_line(found.error().message));
        return;
    }
    for (const jobs::SuspiciousPart& each : *found) {
        progress.note(
            fmt::format("part {} looks unlike the others: {}; it lies in {}; `sublet job reject {} {}` has it done "
                        "again where it is not accepted yet, at your cost",
                        each.part + 1, each.why, (saved.out / jobs::part_folder(*saved.still, each.part)).string(),
                        saved.id.value(), each.part));
    }
}

}  // namespace

// Everybody's result is read from the worker that the ledger names, and is what the ledger says or nothing.
net::Task<Result<>> JobFollower::fetch(job::Task task) {
    const fs::path archive = saved_.folder / fmt::format("result-{}.tar", task.index);
    net::Task<Result<>> fetching = fetch_into(task, archive);
    Result<> done = co_await std::move(fetching);
    if (done) {
        done = place(task, archive);
        if (!done && done.error().code != Code::kIo) {
            refuse(task, archive, done.error());
        }
    } else if (done.error().code == Code::kTooLarge || is_withheld(task, done.error())) {
        count_.refused[task.index] = {task.attempt, jobs::one_line(done.error().message), ""};
    }
    std::error_code ignored;
    fs::remove(archive, ignored);
    co_return done;
}

// Its worker showed something else often enough, a little later each time.
bool JobFollower::is_withheld(const job::Task& task, const Error& why) {
    Wrong& wrong = wrong_[task.index];
    wrong.times = wrong.attempt == task.attempt ? wrong.times : 0;
    wrong.attempt = task.attempt;
    return why.code == Code::kConflict && ++wrong.times >= kMaxWrong;
}

bool JobFollower::is_here(const job::Task& task) const {
    const auto found = fetched_.find(task.index);
    return found != fetched_.end() && found->second.attempt == task.attempt;
}

bool JobFollower::is_refused(const job::Task& task) const {
    const auto found = count_.refused.find(task.index);
    return found != count_.refused.end() && found->second.attempt == task.attempt;
}

// Of what a stranger wrote names are left, in a line of a terminal.
std::string JobFollower::refused_text(std::uint32_t task) const {
    const RefusedResult& refused = count_.refused.at(task);
    return fmt::format(
        "task {}: its result is not what was asked for and is not approved: {}; it lies in {}; "
        "`sublet job reject {} {}` has it done again, at your cost, `approve` takes it",
        task, refused.why, refused.folder.empty() ? "no folder" : refused.folder, saved_.id.value(), task);
}

// It is kept apart, for people to look at.
void JobFollower::refuse(const job::Task& task, const fs::path& archive, const Error& why) {
    const fs::path folder = saved_.out / kRefusedFolder / fmt::format("task-{}", task.index);
    const Result<Placed> kept = place_result(archive, {.out = folder,
                                                       .task = task.index,
                                                       .max_bytes = package_.output_max_bytes,
                                                       .replaces = Placing::Replaces::kFolder});
    fetched_.erase(task.index);  // an earlier attempt's, which was rejected
    count_.refused[task.index] = {task.attempt, jobs::one_line(why.message), kept ? folder.string() : ""};
}

// What a render's result must be, looked at before it is put in place.
Result<> JobFollower::check(const job::Task& task, const fs::path& unpacked, const std::vector<fs::path>& files) const {
    if (saved_.still) {
        TRY_OK(jobs::check_part(unpacked));
        TRY(size, jobs::picture_size(unpacked / jobs::kPartFile));
        const bool whole = saved_.still->by == jobs::SplitBy::kSamples && saved_.frames && saved_.frames->plain;
        if (whole && saved_.frames->width != 0 &&
            size != jobs::PictureSize{saved_.frames->width, saved_.frames->height}) {
            return fail(Code::kBadField, fmt::format("the part has {} x {} pixels, the scene has {} x {}", size.width,
                                                     size.height, saved_.frames->width, saved_.frames->height));
        }
        return {};
    }
    if (saved_.frames) {
        return jobs::check_frame(unpacked, files, package_.first + std::int64_t{task.index} * package_.step,
                                 *saved_.frames);
    }
    return {};
}

// What an earlier attempt left, which was rejected, is replaced.
Result<> JobFollower::place(const job::Task& task, const fs::path& archive) {
    const auto before = fetched_.find(task.index);
    Placing placing{.out = saved_.out, .task = task.index, .max_bytes = package_.output_max_bytes};
    if (before != fetched_.end()) {
        placing.replaces = before->second.apart ? Placing::Replaces::kApart : Placing::Replaces::kInPlace;
    }
    if (saved_.still) {
        placing.out /= jobs::part_folder(*saved_.still, task.index);
        placing.replaces = Placing::Replaces::kFolder;
    }
    placing.check = [&](const fs::path& unpacked, const std::vector<fs::path>& files) {
        return check(task, unpacked, files);
    };
    TRY(placed, place_result(archive, placing));
    if (count_.refused.erase(task.index) > 0) {  // of an earlier attempt
        std::error_code ignored;
        fs::remove_all(saved_.out / kRefusedFolder / fmt::format("task-{}", task.index), ignored);
    }
    std::vector<std::string>& files = count_.seen[task.index].files;
    files.clear();
    for (const fs::path& each : placed.files) {
        files.push_back(fs::relative(placing.out / each, saved_.out).string());
    }
    const Fetched fetched{task.attempt, placed.apart};
    TRY_OK(note_fetched(saved_, task.index, fetched));
    fetched_[task.index] = fetched;
    return {};
}

// Sample ranges that are missing make a noisier image, missing tiles none.
Result<> JobFollower::merge(Progress& progress) {
    std::map<std::uint32_t, fs::path> parts;
    for (const auto& [task, fetched] : fetched_) {
        parts[task] = saved_.out / jobs::part_folder(*saved_.still, task) / jobs::kPartFile;
    }
    const bool all = parts.size() == saved_.still->parts();
    if (parts.empty() || (!all && saved_.still->by == jobs::SplitBy::kTiles)) {
        return {};
    }
    progress.say(fmt::format("putting {} parts together", parts.size()));
    const fs::path image = saved_.out / jobs::image_file(*saved_.still);
    TRY(merged, jobs::merge_still(*saved_.still, parts, image));
    if (!all) {
        progress.note(fmt::format("{} of {} parts are here: the image has {} of {} samples a pixel", merged.parts,
                                  saved_.still->parts(), merged.samples, saved_.still->samples));
    }
    count_.image = image.string();
    warn_of_parts(saved_, parts, progress);
    return {};
}

net::Task<Result<>> JobFollower::fetch_into(job::Task task, fs::path archive) {
    Result<std::shared_ptr<Worker>> worker = co_await worker_of(task.worker);
    if (!worker) {
        co_return std::unexpected{worker.error()};
    }
    // Headers and padding are as much again, where all files are small.
    const std::uint64_t most = 2 * package_.output_max_bytes + (1U << 20U);
    std::ofstream out{archive, std::ios::binary | std::ios::trunc};
    std::uint64_t offset = 0;
    for (bool last = false; !last && out;) {
        Result<Bytes> piece = co_await (*worker)->client->result(saved_.id, task.index, task.attempt, offset);
        if (!piece) {
            co_return std::unexpected{piece.error()};
        }
        last = piece->size() < agent::kMaxPieceBytes;  // else a worker could send one byte at a time, for ever
        offset += piece->size();
        if (offset > most || piece->size() > agent::kMaxPieceBytes) {
            co_return fail(Code::kTooLarge, "its worker sends more than a result may have");
        }
        std::error_code error;
        const fs::space_info disk = fs::space(saved_.folder, error);
        if (!error && disk.available < kKeptFree + piece->size()) {
            co_return fail(Code::kIo,
                           "cannot write " + archive.string() +
                               ": the disk is full but for 64 MiB; make room, then `sublet job watch` goes on");
        }
        out << *piece;
    }
    out.close();
    if (!out) {
        co_return fail(Code::kIo, "cannot write " + archive.string());
    }
    Result<Hash> digest = jobs::file_sha256(archive);
    if (!digest || *digest != task.digest) {
        co_return fail(Code::kConflict,
                       "what its worker sends is not the result that it committed to; "
                       "`sublet job reject` has it done again");
    }
    co_return Result<>{};
}

}  // namespace sublet::cli
