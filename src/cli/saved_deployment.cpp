// saved_deployment.cpp: keeps what only the tenant has: the manifest and the nonce of its commitment.
#include "cli/saved_deployment.hpp"

#include <fmt/format.h>

#include "cli/local_network.hpp"
#include "client/loose_json.hpp"
#include "crypto/sha256.hpp"

namespace sublet::cli {
namespace {

namespace loose = client::loose;

std::filesystem::path folder_of(const std::filesystem::path& home) { return home / "deployments"; }

std::filesystem::path id_path(const std::filesystem::path& home, const std::string& chain_id, DeploymentId id) {
    return folder_of(home) / fmt::format("{}-{}.json", chain_id, id.value());
}

std::filesystem::path pending_path(const std::filesystem::path& home, const Hash& commitment) {
    return folder_of(home) / fmt::format("{}.json", to_hex(view_of(commitment)));
}

Result<> write(net::Files& files, const std::filesystem::path& path, const SavedDeployment& saved) {
    TRY_OK(ensure_folder(files, path.parent_path()));
    nlohmann::json value;
    value["chain_id"] = saved.chain_id;
    value["file"] = saved.file;
    value["nonce"] = to_hex(view_of(saved.nonce));
    value["manifest"] = to_base64(saved.manifest);
    return files.write(path, value.dump(2) + "\n", 0600);
}

Result<SavedDeployment> read(net::Files& files, const std::filesystem::path& path) {
    TRY(text, files.read(path));
    TRY(value, loose::parse(text, path.string()));
    SavedDeployment out;
    out.chain_id = loose::text(value, "chain_id");
    out.file = loose::text(value, "file");
    TRY(nonce_bytes, from_hex(loose::text(value, "nonce")));
    TRY(nonce, fixed_from<32>(nonce_bytes));
    out.nonce = nonce;
    TRY(manifest, from_base64(loose::text(value, "manifest")));
    out.manifest = manifest;
    return out;
}

}  // namespace

Hash commitment_of(const SavedDeployment& saved) {
    const Hash inner = crypto::sha256(saved.manifest);
    return crypto::Sha256{}.update(view_of(saved.nonce)).update(view_of(inner)).finish();
}

Result<> save_pending(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved) {
    TRY_OK(ensure_folder(files, home));
    return write(files, pending_path(home, commitment_of(saved)), saved);
}

Result<> forget_pending(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved) {
    return files.remove(pending_path(home, commitment_of(saved)));
}

Result<> save_as(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved, DeploymentId id) {
    TRY_OK(write(files, id_path(home, saved.chain_id, id), saved));
    return files.remove(pending_path(home, commitment_of(saved)));
}

Result<SavedDeployment> load_saved(net::Files& files, const std::filesystem::path& home, const std::string& chain_id,
                                   DeploymentId id, const Hash& commitment) {
    for (const std::filesystem::path& path : {id_path(home, chain_id, id), pending_path(home, commitment)}) {
        if (files.exists(path)) {
            TRY(saved, read(files, path));
            if (commitment_of(saved) == commitment) {
                return saved;
            }
        }
    }
    return fail(Code::kNotFound,
                fmt::format("the manifest of deployment {} is not in {}: send it from the machine that "
                            "rented it",
                            id.value(), folder_of(home).string()));
}

}  // namespace sublet::cli
