// same_content.cpp: looks for a content among the jobs below the home folder.
#include "cli/same_content.hpp"

#include <nlohmann/json.hpp>

#include "client/loose_json.hpp"
#include "swarm/torrent.hpp"

namespace sublet::cli {
namespace {

namespace fs = std::filesystem;
namespace loose = client::loose;

constexpr std::size_t kMaxFoldersLooked = 4'096;
constexpr std::size_t kShownDigits = 16;  // of the hash, in the file's name: most folders need no look inside

std::string content_file(const ContentName& name) {
    return "content-" + to_hex(view_of(name.input.sha256)).substr(0, kShownDigits) + ".json";
}

std::optional<agent::SwarmInput> read_content(Context& context, const fs::path& file, const SavedJob& job,
                                              const ContentName& name) {
    const Result<Bytes> text = context.files->read(file);
    const Result<nlohmann::json> value = text ? loose::parse(*text, file.string()) : std::unexpected{text.error()};
    const bool same = value && loose::text(*value, "owner") == crypto::to_bech32(name.owner) &&
                      loose::text(*value, "chain_id") == job.chain_id &&
                      loose::text(*value, "sha256") == to_hex(view_of(name.input.sha256));
    if (!same) {
        return std::nullopt;
    }
    Result<agent::SwarmInput> out = agent::swarm_input_from_json(loose::text(*value, "swarm"), name.input.bytes);
    return out ? std::optional{std::move(*out)} : std::nullopt;
}

}  // namespace

Result<> note_content(Context& context, const SavedJob& job, const ContentName& name, const agent::SwarmInput& swarm) {
    const nlohmann::json value = {{"owner", crypto::to_bech32(name.owner)},
                                  {"chain_id", job.chain_id},
                                  {"sha256", to_hex(view_of(name.input.sha256))},
                                  {"swarm", agent::to_json(swarm)}};
    return context.files->write(job.folder / content_file(name), value.dump(), 0600);
}

std::optional<SameContent> find_content(Context& context, const SavedJob& job, const ContentName& name) {
    std::optional<SameContent> out;
    std::size_t looked = 0;
    std::error_code error;
    for (const fs::directory_entry& each : fs::directory_iterator{job.folder.parent_path(), error}) {
        const fs::path file = each.path() / content_file(name);
        if (++looked > kMaxFoldersLooked || each.path() == job.folder || !fs::exists(file, error)) {
            continue;
        }
        std::optional<agent::SwarmInput> swarm = read_content(context, file, job, name);
        if (!swarm) {
            continue;
        }
        const fs::path encrypted = each.path() / "swarm" / swarm::kContentName;
        if (!out || fs::exists(encrypted, error)) {
            out = SameContent{std::move(*swarm), encrypted};
        }
    }
    return out;
}

}  // namespace sublet::cli
