// receipts.cpp: a file for each job whose deletion was signed for.
#include "agent/receipts.hpp"

#include <charconv>
#include <set>

#include <nlohmann/json.hpp>

#include "agent/job_files.hpp"
#include "client/signed_text.hpp"
#include "net/log.hpp"

namespace sublet::agent {
namespace {

namespace fs = std::filesystem;

Receipts receipts_of(const Core& core) { return Receipts{core.options.data / "receipts"}; }

}  // namespace

Result<> Receipts::put(JobId id, const std::string& text) {
    TRY_OK(make_folder(folder_));
    TRY_OK(write_file(folder_ / std::to_string(id.value()), text));
    std::set<std::uint64_t> kept;
    std::error_code error;
    for (const fs::directory_entry& each : fs::directory_iterator{folder_, error}) {
        const std::string name = each.path().filename().string();
        std::uint64_t number = 0;
        const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (problem == std::errc{} && end == name.data() + name.size()) {
            kept.insert(number);
        }
    }
    while (kept.size() > kMaxReceiptsKept) {
        TRY_OK(remove_tree(folder_ / std::to_string(*kept.begin())));
        kept.erase(kept.begin());
    }
    return {};
}

std::optional<std::string> Receipts::find(JobId id) const {
    Result<Bytes> text = read_file(folder_ / std::to_string(id.value()), 0, client::kMaxTokenText);
    return text ? std::optional<std::string>{std::move(*text)} : std::nullopt;
}

Result<std::string> receipt_for(const Core& core, const JobStore& store, const KeptJob& job, client::Deleted why) {
    if (core.parts.operator_key == nullptr) {
        return fail(Code::kUnsupported, "there is no key here to sign with");
    }
    client::Receipt out;
    out.provider = core.options.owner;
    out.creator = job.creator;
    out.chain_id = core.chain_id;
    out.job = job.id;
    TRY(package, jobs::to_json(job.package));
    out.content = jobs::content_of(package);
    out.input = job.package.input ? job.package.input->sha256 : Hash{};
    out.bytes = job.package.input ? job.package.input->bytes : 0;
    out.why = why;
    out.at_s = core.parts.clock.unix_ms() / 1'000;
    for (const JobId id : store.ids()) {
        const KeptJob* other = store.find(id);
        const bool same = other->creator == job.creator && job.package.input && other->package.input &&
                          other->package.input->sha256 == job.package.input->sha256;
        if (same && out.kept_for.size() < client::kMaxKeptFor) {
            out.kept_for.push_back(id);
        }
    }
    return client::make_receipt(std::move(out), *core.parts.operator_key);
}

std::optional<std::string> sign_deletion(const Core& core, const JobStore& store, const KeptJob& job,
                                         client::Deleted why) {
    Result<std::string> out = receipt_for(core, store, job, why);
    Result<> kept = out ? receipts_of(core).put(job.id, *out) : std::unexpected{out.error()};
    if (!kept && kept.error().code != Code::kUnsupported) {
        net::log(net::LogLevel::kWarning, "storage",
                 "job " + std::to_string(job.id.value()) + " is deleted, without a receipt: " + kept.error().message);
    }
    return out ? std::optional{std::move(*out)} : std::nullopt;
}

std::optional<std::string> receipt_of_job(const Core& core, JobId id, const crypto::Address& creator) {
    std::optional<std::string> text = receipts_of(core).find(id);
    const Result<client::Receipt> read =
        text ? client::verify_receipt(*text, core.chain_id) : fail(Code::kNotFound, "there is none");
    return read && read->creator == creator && read->job == id ? text : std::nullopt;
}

}  // namespace sublet::agent
