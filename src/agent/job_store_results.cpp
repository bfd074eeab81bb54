// job_store_results.cpp: what attempts and probes left, and what was promised of it, in the folders of jobs.
#include <nlohmann/json.hpp>

#include "agent/job_files.hpp"
#include "agent/job_store.hpp"

namespace sublet::agent {

namespace fs = std::filesystem;
using nlohmann::json;

Result<> JobStore::take_over(const AttemptId& id, const fs::path& left) {
    TRY_OK(begin(id));
    std::error_code error;
    if (!fs::exists(fs::symlink_status(left, error))) {
        return {};  // it left nothing
    }
    fs::remove(out_folder(id), error);
    fs::rename(left, out_folder(id), error);
    if (error) {
        return io_error(out_folder(id), "moving a result to");
    }
    // Looked at where the program cannot reach it any more.
    if (fs::symlink_status(out_folder(id), error).type() != fs::file_type::directory) {
        TRY_OK(remove_tree(out_folder(id)));
        return fail(Code::kUnsupported, "what it left as /task/out/" + std::to_string(id.task) + " is no folder");
    }
    return {};
}

Result<> JobStore::begin(const AttemptId& id) {
    TRY_OK(remove_tree(folder_of(id)));
    return make_folder(out_folder(id));
}

Result<LeftResult> JobStore::left_result(const AttemptId& id) const {
    const KeptJob* job = find(id.job);
    if (job == nullptr) {
        return fail(Code::kNotFound, "the job is not here any more");
    }
    return LeftResult{out_folder(id), folder_of(id) / "result.tar", {.max_bytes = job->package.output_max_bytes}};
}

Result<Outcome> JobStore::finish(const AttemptId& id, const jobs::Packed& packed, Bytes nonce) {
    if (find(id.job) == nullptr) {
        return fail(Code::kNotFound, "the job is not here any more");
    }
    const Outcome out{packed.sha256, std::move(nonce), packed.bytes};
    const json text = {{"digest", to_hex(view_of(out.digest))}, {"nonce", to_hex(out.nonce)}, {"bytes", out.bytes}};
    TRY_OK(write_file(folder_of(id) / "outcome.json", text.dump()));
    TRY_OK(remove_tree(out_folder(id)));
    return out;
}

Result<std::optional<Outcome>> JobStore::outcome(const AttemptId& id) const {
    const Result<Bytes> text = read_file(folder_of(id) / "outcome.json", 0, 4'096);
    if (!text) {
        return std::optional<Outcome>{};
    }
    const json value = json::parse(*text, nullptr, false);
    const bool shaped = value.is_object() && value.value("digest", json{}).is_string() &&
                        value.value("nonce", json{}).is_string() && value.value("bytes", json{}).is_number_unsigned();
    if (!shaped) {
        return fail(Code::kStoreDamaged, "outcome.json of an attempt cannot be read");
    }
    TRY(digest, from_hex(value["digest"].get<std::string>()));
    TRY(hash, fixed_from<32>(digest));
    TRY(nonce, from_hex(value["nonce"].get<std::string>()));
    return std::optional<Outcome>{Outcome{hash, nonce, value["bytes"].get<std::uint64_t>()}};
}

Result<Bytes> JobStore::result(const AttemptId& id, std::uint64_t offset, std::uint64_t most) const {
    return read_file(folder_of(id) / "result.tar", offset, std::min(most, kMaxPieceBytes));
}

Result<> JobStore::put_probe(JobId id, const ProbeFound& found) {
    return write_file(folder_of(id) / "probe.json", json{{"work", found.work}, {"nonce", to_hex(found.nonce)}}.dump());
}

Result<std::optional<ProbeFound>> JobStore::probe(JobId id) const {
    const Result<Bytes> text = read_file(folder_of(id) / "probe.json", 0, 4'096);
    if (!text) {
        return std::optional<ProbeFound>{};
    }
    const json value = json::parse(*text, nullptr, false);
    ProbeFound out;
    const bool shaped =
        value.is_object() && value.value("work", json{}).is_array() && value.value("nonce", json{}).is_string();
    for (const json& each : shaped ? value["work"] : json::array()) {
        out.work.push_back(each.is_number_unsigned() ? each.get<std::uint64_t>() : 0);
    }
    const Result<Bytes> nonce = from_hex(shaped ? value["nonce"].get<std::string>() : "?");
    if (!nonce) {
        return fail(Code::kStoreDamaged, "probe.json of a job cannot be read");
    }
    out.nonce = *nonce;
    return std::optional<ProbeFound>{std::move(out)};
}

Result<> JobStore::put_log(const AttemptId& id, BytesView text) {
    return write_file(folder_of(id) / "log",
                      text.substr(text.size() > kMaxTaskLogBytes ? text.size() - kMaxTaskLogBytes : 0));
}

Result<Bytes> JobStore::log(const AttemptId& id) const { return read_file(folder_of(id) / "log", 0, kMaxTaskLogBytes); }

}  // namespace sublet::agent
