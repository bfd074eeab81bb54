// to_ledger.hpp: what the ledger learns of a deployment file, and whether a manifest is within what its tenant pays
// for. Spec: docs/spec/deployment-files.md (groups on the ledger).
#pragma once

#include <vector>

#include "base/result.hpp"
#include "modules/market/deployment.hpp"
#include "sdl/manifest.hpp"

namespace sublet::sdl {

// The groups in the form of MsgCreateDeployment. Attributes are sorted by key as the ledger wants them; "any model" of
// a GPU becomes an empty name; a reclamation window becomes min_notice; a price above the ledger's largest becomes
// that. Errors: those of the ledger's own checks (market::check_units, provider::check_attributes), with the place in
// the file.
Result<std::vector<market::GroupSpec>> to_group_specs(const Deployment& deployment);

// The provider's check before it runs anything: the manifest's groups have the names and exactly the resources, replica
// counts and number of outside endpoints of the ledger's. kConflict says what differs.
Result<> check_manifest_against_specs(const Manifest& manifest, const std::vector<market::GroupSpec>& specs);

}  // namespace sublet::sdl
