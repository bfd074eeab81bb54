// audit_look.hpp: before an audited render is paid for: which crops of it Blender renders on the creator's own machine,
// as this processor does and as the pinned profile does, where it is noisy, and what of that a person should know.
// Spec: docs/spec/verification.md (before it is paid).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "jobs/crops.hpp"
#include "jobs/preflight.hpp"

namespace sublet::jobs {

inline constexpr std::uint32_t kLookedCrops = 4;    // of each frame
inline constexpr std::uint32_t kLookedRegion = 96;  // pixels a side: of the larger one that the first crop lies in

// One turn of the program: a frame, or a part of a still.
struct LookedTask {
    std::int64_t word = 0;   // its $TASK
    std::int64_t frame = 1;  // what is rendered twice for the noise map
};
struct AuditLookPlan {
    PictureSize size;               // of a task's picture
    std::vector<LookedTask> tasks;  // 1 to kMaxNoisePictures
};
// First, middle and last, each once. Of a still one part. Needs: at least one task.
AuditLookPlan audit_look_plan(PictureSize size, const std::optional<Still>& still, std::int64_t first,
                              std::int64_t step, std::uint32_t tasks);

// The crops of a turn, then the region.
std::vector<Crop> looked_crops(const AuditLookPlan& plan, std::size_t turn);
// Files below /task/in, beside scene, plan.json and render.py, and below /task/todo.
struct LookFile {
    std::string name;
    Bytes content;
};
std::vector<LookFile> look_inputs(const AuditLookPlan& plan);  // noise.py, noise.json
std::vector<LookFile> look_turns(const AuditLookPlan& plan);

struct AuditLook {
    std::optional<NoiseMap> map;  // none: no noise was found, or nothing to see it by
    bool unstable = false;        // kernels of Cycles differ too much (T24)
    std::vector<PreflightFinding> findings;
};
// `native`, `pinned`: /task/out after noise.py and after render.py alone. What is missing or broken becomes a finding.
AuditLook look_at_crops(const AuditLookPlan& plan, const std::filesystem::path& native,
                        const std::filesystem::path& pinned);

}  // namespace sublet::jobs
