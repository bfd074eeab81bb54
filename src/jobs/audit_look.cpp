// audit_look.cpp: asks Blender for a few crops twice, and says what they have in common.
#include "jobs/audit_look.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "base/assert.hpp"
#include "crypto/sha256.hpp"
#include "jobs/compare.hpp"
#include "jobs/crop_files.hpp"
#include "jobs/noise.hpp"

namespace sublet::jobs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNoiseScript =
    R"py("""Renders each frame twice, small and with few samples, with two seeds; then goes on as render.py."""
import json
import os

import bpy

with open("/task/in/noise.json") as file:
    FRAMES = json.load(file)
with open("/task/in/plan.json") as file:
    SCALE = json.load(file)["scale"]


def render_noise(scene):
    render, cycles, settings = scene.render, scene.cycles, scene.render.image_settings
    scale = SCALE or render.resolution_percentage
    change = [(render, "resolution_percentage", max(1, min(scale, max(scale // 8, 12800 // max(render.resolution_x, render.resolution_y))))),
              (render, "use_compositing", False), (render, "use_sequencer", False), (render, "use_persistent_data", True),
              (cycles, "samples", 16), (cycles, "use_adaptive_sampling", False), (cycles, "use_denoising", False), (cycles, "time_limit", 0),
              (cycles, "seed", cycles.seed), (settings, "file_format", "OPEN_EXR"), (settings, "color_depth", "32"), (settings, "exr_codec", "ZIP")]
    kept = [(where, name, getattr(where, name)) for where, name, _ in change]
    for where, name, value in change:
        setattr(where, name, value)
    seed = cycles.seed
    for number, frame in enumerate(FRAMES):
        scene.frame_set(frame)
        for more in (0, 1):
            cycles.seed = seed + more
            render.filepath = f"/task/out/noise/{number}-{more}.exr"
            bpy.ops.render.render(write_still=True)
    for where, name, value in reversed(kept):  # a codec is known of its own format alone
        try:
            setattr(where, name, value)
        except TypeError:
            pass
    for where, name, value in kept:
        setattr(where, name, value)


os.makedirs("/task/out/noise", exist_ok=True)
render_noise(bpy.context.scene)
with open("/task/in/render.py") as file:
    exec(compile(file.read(), "render.py", "exec"))
)py";
constexpr std::size_t kSaidBytes = 300;

PreflightFinding finding(Severity severity, std::string_view rule, std::string what, std::string fix) {
    return {severity, std::string{rule}, std::move(what), "crops", std::move(fix)};
}

std::string text_of(const fs::path& file, std::size_t most) {
    std::error_code error;
    if (fs::symlink_status(file, error).type() != fs::file_type::regular) {
        return {};
    }
    std::ifstream in{file, std::ios::binary};
    in.seekg(-static_cast<std::streamoff>(std::min<std::uintmax_t>(most, fs::file_size(file, error))), std::ios::end);
    return {std::istreambuf_iterator<char>{in}, {}};
}

// The files of a turn; empty and a finding where there are none.
std::vector<fs::path> files_of(const fs::path& out, std::size_t turn, std::size_t count, AuditLook& look) {
    const std::string name = std::to_string(turn);
    if (const Result<std::vector<fs::path>> files = crop_files(out / name, count);
        files && text_of(out / (name + ".done"), 4) == "0") {
        return *files;
    }
    look.findings.push_back(finding(
        Severity::kError, "audit", "Blender rendered no crops: " + one_line(text_of(out / (name + ".log"), kSaidBytes)),
        "mend what it says, or render without an audit"));
    return {};
}

}  // namespace

AuditLookPlan audit_look_plan(PictureSize size, const std::optional<Still>& still, std::int64_t first,
                              std::int64_t step, std::uint32_t tasks) {
    SUBLET_ASSERT(tasks > 0);
    AuditLookPlan out{size, {}};
    if (still) {
        if (still->by == SplitBy::kTiles) {  // the first tile's
            out.size = {std::max(1U, size.width / still->columns), std::max(1U, size.height / still->rows)};
        }
        out.tasks.push_back({0, still->frame});
        return out;
    }
    std::set<std::int64_t> seen;
    for (const std::int64_t index : {std::int64_t{0}, std::int64_t{tasks} / 2, std::int64_t{tasks} - 1}) {
        if (const std::int64_t frame = first + index * step; seen.insert(frame).second) {
            out.tasks.push_back({frame, frame});
        }
    }
    return out;
}

std::vector<Crop> looked_crops(const AuditLookPlan& plan, std::size_t turn) {
    const Hash seed = crypto::sha256("before it is paid " + std::to_string(turn));
    std::vector<Crop> out = choose_crops(seed, plan.size, {.count = kLookedCrops, .side = 32}, std::nullopt);
    const Crop& inner = out.front();
    const auto around = [](std::uint32_t from, std::uint32_t length, std::uint32_t whole) {
        const std::uint32_t wide = std::min(kLookedRegion, whole);
        const std::uint32_t more = (std::max(wide, length) - length) / 2;
        return std::min(from < more ? 0 : from - more, whole - wide);
    };
    out.push_back({around(inner.x, inner.width, plan.size.width), around(inner.y, inner.height, plan.size.height),
                   std::min(kLookedRegion, plan.size.width), std::min(kLookedRegion, plan.size.height)});
    return out;
}

std::vector<LookFile> look_inputs(const AuditLookPlan& plan) {
    nlohmann::json frames = nlohmann::json::array();
    for (const LookedTask& each : plan.tasks) {
        frames.push_back(each.frame);
    }
    return {{"noise.py", Bytes{kNoiseScript}}, {"noise.json", frames.dump()}};
}

std::vector<LookFile> look_turns(const AuditLookPlan& plan) {
    std::vector<LookFile> out;
    for (std::size_t turn = 0; turn < plan.tasks.size(); ++turn) {
        nlohmann::json crops = nlohmann::json::array();
        for (const Crop& each : looked_crops(plan, turn)) {
            crops.push_back({each.x, each.y, each.width, each.height});
        }
        const std::string name = std::to_string(turn + 1);
        out.push_back({name + ".crops", crops.dump()});
        out.push_back({name, std::to_string(turn) + " " + std::to_string(plan.tasks[turn].word) + " crops\n"});
    }
    out.push_back({std::to_string(plan.tasks.size() + 1), "end\n"});
    return out;
}

AuditLook look_at_crops(const AuditLookPlan& plan, const fs::path& native, const fs::path& pinned) {
    AuditLook out;
    std::vector<NoisePair> pairs;
    std::string other;    // how kernels differ
    std::string outside;  // how a crop differs from a larger one
    for (std::size_t turn = 0; turn < plan.tasks.size() && out.findings.empty(); ++turn) {
        const std::vector<Crop> crops = looked_crops(plan, turn);
        const std::vector<fs::path> own = files_of(native, turn, crops.size(), out);
        const std::vector<fs::path> same = own.empty() ? own : files_of(pinned, turn, crops.size(), out);
        for (std::size_t crop = 0; crop < same.size(); ++crop) {
            const Comparison found = compare_pictures(own[crop], same[crop]);
            other = found.verdict == Verdict::kPass ? other : found.says;
        }
        if (!same.empty()) {
            const Comparison found =
                compare_crop_in_region(own.front(), crops.front(), own.back(), crops.back(), plan.size);
            outside = found.verdict == Verdict::kPass ? outside : found.says;
        }
        const std::string name = std::to_string(turn);
        pairs.push_back({native / "noise" / (name + "-0.exr"), native / "noise" / (name + "-1.exr")});
    }
    out.unstable = !other.empty();
    if (out.unstable) {
        out.findings.push_back(
            finding(Severity::kWarning, "unstable", "processors of different kinds render it differently: " + other,
                    "it can be audited where all render with the kernel that every processor has, which is slower"));
    }
    if (!outside.empty()) {
        out.findings.push_back(finding(Severity::kError, "audit",
                                       "a crop of it is not what a larger picture has in its place: " + outside,
                                       "textures in window coordinates and adaptive subdivision do that; render it "
                                       "without an audit"));
    }
    const Result<NoiseMap> map = noise_map(pairs);
    if (map) {
        out.map = *map;
    } else {
        out.findings.push_back(
            finding(Severity::kNote, "noise", one_line(map.error().message) + ": all crops are uniform", ""));
    }
    return out;
}

}  // namespace sublet::jobs
