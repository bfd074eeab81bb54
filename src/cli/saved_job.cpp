// saved_job.cpp: folders of jobs below the home folder: job.json, package.json, input.tar, fetched.
#include "cli/saved_job.hpp"

#include <fmt/format.h>

#include <fstream>

#include "client/loose_json.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;
namespace loose = client::loose;

fs::path jobs_folder(const fs::path& home) { return home / "jobs"; }
fs::path named(const fs::path& home, const std::string& chain_id, JobId id) {
    return jobs_folder(home) / fmt::format("{}-{}", chain_id, id.value());
}
fs::path unnamed(const fs::path& home, const Hash& content) { return jobs_folder(home) / to_hex(view_of(content)); }

Result<> save_file(const fs::path& file, BytesView text) {
    std::ofstream out{file, std::ios::binary | std::ios::trunc};
    out << text;
    out.close();
    return out ? Result<>{}
               : fail(Code::kIo, "cannot write " + file.string() + ": is the disk full, the folder yours?");
}

Result<Bytes> whole_file(const fs::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) {
        return fail(Code::kNotFound, "cannot read " + file.string());
    }
    return Bytes{std::istreambuf_iterator<char>{in}, {}};
}

nlohmann::json finish_json(const Finish& finish) {
    return {{"video", finish.video},
            {"fps_milli", finish.fps_milli},
            {"picture", finish.picture},
            {"scene", finish.scene},
            {"report", finish.report}};
}

Finish finish_of(const nlohmann::json& value) {
    return {loose::text(value, "video"), loose::number(value, "fps_milli"), loose::text(value, "picture"),
            loose::text(value, "scene"), loose::flag(value, "report")};
}

Result<SavedJob> read_job(const fs::path& folder) {
    TRY(text, whole_file(folder / "job.json"));
    TRY(value, loose::parse(text, (folder / "job.json").string()));
    TRY(package, whole_file(folder / "package.json"));
    SavedJob out;
    out.chain_id = loose::text(value, "chain_id");
    out.id = JobId{loose::number(value, "job")};
    out.out = loose::text(value, "out");
    out.package = package;
    out.folder = folder;
    if (const auto still = value.find("still"); still != value.end()) {
        TRY(split, jobs::still_from_json(still->dump()));
        out.still = split;
    }
    if (const auto frames = value.find("frames"); frames != value.end()) {
        TRY(shape, jobs::frame_shape_from_json(frames->dump()));
        out.frames = shape;
    }
    if (const auto finish = value.find("finish"); finish != value.end() && finish->is_object()) {
        out.finish = finish_of(*finish);
    }
    if (const auto chain = value.find("seeds"); chain != value.end() && chain->is_object()) {
        TRY(secret, from_hex(loose::text(*chain, "secret")));
        const std::uint64_t elements = loose::number(*chain, "elements");
        if (secret.size() != 32 || elements > 65'536) {
            return fail(Code::kParse, (folder / "job.json").string() + ": its seeds cannot be read");
        }
        out.chain = SeedChain{*fixed_from<32>(secret), static_cast<std::uint32_t>(elements)};
    }
    return out;
}

Result<> write_job(const SavedJob& job) {
    nlohmann::json value;
    value["chain_id"] = job.chain_id;
    value["job"] = job.id.value();
    value["out"] = job.out.string();
    if (job.still) {
        value["still"] = nlohmann::json::parse(jobs::still_json(*job.still));
    }
    if (job.frames) {
        value["frames"] = nlohmann::json::parse(jobs::frame_shape_json(*job.frames));
    }
    value["finish"] = finish_json(job.finish);
    if (job.chain) {
        value["seeds"] = {{"secret", to_hex(view_of(job.chain->secret))}, {"elements", job.chain->elements}};
    }
    return save_file(job.folder / "job.json", value.dump(2) + "\n");
}

}  // namespace

Result<SavedJob> save_job(const fs::path& home, SavedJob job, const fs::path& input) {
    job.folder = unnamed(home, jobs::content_of(job.package));
    std::error_code error;
    fs::create_directories(job.folder, error);
    if (error) {
        return fail(Code::kIo, "cannot make " + job.folder.string() + ": " + error.message());
    }
    fs::permissions(jobs_folder(home), fs::perms::owner_all, error);
    TRY_OK(save_file(job.folder / "package.json", job.package));
    if (!input.empty()) {
        fs::rename(input, job.input(), error);
        if (error) {
            return fail(Code::kIo, "cannot move the input to " + job.input().string() + ": " + error.message());
        }
    }
    TRY_OK(write_job(job));
    return job;
}

Result<SavedJob> name_job(const fs::path& home, SavedJob job, JobId id) {
    const fs::path folder = named(home, job.chain_id, id);
    job.id = id;
    TRY_OK(write_job(job));
    std::error_code error;
    fs::remove_all(folder, error);  // of another network that had this name
    fs::rename(job.folder, folder, error);
    if (error) {
        return fail(Code::kIo, "cannot rename " + job.folder.string() + ": " + error.message());
    }
    job.folder = folder;
    return job;
}

Result<> forget_job(const SavedJob& job) {
    std::error_code error;
    fs::remove_all(job.folder, error);
    return error ? fail(Code::kIo, "cannot remove " + job.folder.string() + ": " + error.message()) : Result<>{};
}

Result<SavedJob> load_job(const fs::path& home, const std::string& chain_id, JobId id, const Hash& content) {
    for (const fs::path& folder : {named(home, chain_id, id), unnamed(home, content)}) {
        Result<SavedJob> job = read_job(folder);
        if (job && jobs::content_of(job->package) == content) {
            return job->id == id ? std::move(job) : name_job(home, std::move(*job), id);
        }
    }
    return fail(Code::kNotFound, fmt::format("nothing of job {} is kept on this machine: package and input are where "
                                             "it was created",
                                             id.value()));
}

Result<FetchedTasks> fetched_tasks(const SavedJob& job) {
    FetchedTasks out;
    std::ifstream in{job.folder / "fetched"};
    std::uint32_t task = 0;
    Fetched fetched;
    while (in >> task >> fetched.attempt >> fetched.apart) {
        out[task] = fetched;
    }
    return out;
}

Result<> note_fetched(const SavedJob& job, std::uint32_t task, Fetched fetched) {
    std::ofstream out{job.folder / "fetched", std::ios::app};
    out << task << " " << fetched.attempt << " " << fetched.apart << "\n";
    out.close();
    return out ? Result<>{} : fail(Code::kIo, "cannot write " + (job.folder / "fetched").string());
}

Result<std::set<Address>> noted_holders(const SavedJob& job) {
    std::set<Address> out;
    std::ifstream in{job.folder / "holders"};
    for (std::string line; std::getline(in, line);) {
        TRY(owner, crypto::parse_address(line));
        out.insert(owner);
    }
    return out;
}

Result<> note_holder(const SavedJob& job, const Address& owner) {
    TRY(known, noted_holders(job));
    if (known.contains(owner)) {
        return {};
    }
    std::ofstream out{job.folder / "holders", std::ios::app};
    out << crypto::to_bech32(owner) << "\n";
    out.close();
    return out ? Result<>{} : fail(Code::kIo, "cannot write " + (job.folder / "holders").string());
}

}  // namespace sublet::cli
