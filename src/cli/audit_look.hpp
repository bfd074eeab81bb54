// audit_look.hpp: two Blenders over a few crops of a scene, in containers of the creator's own engine: one as this
// processor renders, one as the pinned profile does. Spec: docs/spec/verification.md (before it is paid).
#pragma once

#include <string>

#include "cli/preflight.hpp"

namespace sublet::cli {

// Adds to `check` what was found, noise and stability. Where Blender came to an end of its limits that is a finding.
// Errors: kIo, the engine's.
Result<> look_for_audit(Context& context, const std::string& scene, const jobs::Package& package,
                        const jobs::RenderPlan& plan, SceneCheck& check);

}  // namespace sublet::cli
