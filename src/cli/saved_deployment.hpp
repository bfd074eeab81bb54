// saved_deployment.hpp: manifest and nonce of each deployment, kept in the home folder (mode 0600) so that they can be
// sent again: to the provider that restarts, to the next one after a failover.
#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/units.hpp"
#include "net/host.hpp"

namespace sublet::cli {

struct SavedDeployment {
    std::string chain_id;
    std::string file;  // that it was made from, for people
    Hash nonce{};
    Bytes manifest;  // canonical JSON
};

// SHA-256(nonce ‖ SHA-256(manifest)) (T10).
Hash commitment_of(const SavedDeployment& saved);

// Before the transaction is sent, under the commitment; afterwards under the deployment's id.
Result<> save_pending(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved);
// The transaction was refused: nobody needs it.
Result<> forget_pending(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved);
Result<> save_as(net::Files& files, const std::filesystem::path& home, const SavedDeployment& saved, DeploymentId id);
// By id, or, where a crash came between, by the commitment that the ledger has. Errors: kNotFound.
Result<SavedDeployment> load_saved(net::Files& files, const std::filesystem::path& home, const std::string& chain_id,
                                   DeploymentId id, const Hash& commitment);

}  // namespace sublet::cli
