// preflight.hpp: what Blender finds in a scene before anything is paid: the program that looks, what it is asked, and a
// strict reader of what it says. The scene may come from anybody, so what is read here is a stranger's.
// Spec: docs/spec/rendering.md (preflight).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/blender.hpp"

namespace sublet::jobs {

inline constexpr std::size_t kMaxPreflightFindings = 500;
inline constexpr std::size_t kMaxPreflightTextBytes = 1'600;  // of each text of a finding: 400 letters
inline constexpr std::size_t kMaxPreflightRuleBytes = 32;     // of a rule's name, an engine's, a format's
inline constexpr std::size_t kMaxPreflightBytes = 4U << 20U;
inline constexpr std::int64_t kMaxBlenderFrame = 1'048'574;  // Blender's own MAXFRAME; frames below 0 as far
inline constexpr std::uint64_t kMaxPreflightSide = 1U << 17U;
inline constexpr std::uint64_t kMaxFpsMilli = 1'000'000;
inline constexpr std::uint64_t kMaxPreflightMemory = 1ULL << 50U;
static_assert(kMaxPreflightFindings * (3 * kMaxPreflightTextBytes + 4 * kMaxPreflightRuleBytes) < kMaxPreflightBytes);

enum class Severity : std::uint8_t { kNote, kWarning, kError };  // an error stops the job
std::string_view to_name(Severity severity);                     // "note", "warning", "error"

// One thing that a person should know. Texts are UTF-8 without control characters.
struct PreflightFinding {
    Severity severity = Severity::kNote;
    std::string rule;   // short name: "missing", "unbaked", "engine", …
    std::string what;   // what is so
    std::string where;  // datablock, modifier, node or file
    std::string fix;    // what to do, or ""
    bool operator==(const PreflightFinding&) const = default;
};

// What a worker would render; 0 and "" where Blender did not come to tell.
struct SceneFacts {
    std::string engine;                   // as Blender names it: CYCLES
    std::string format;                   // PNG, …
    std::string denoiser;                 // "" for none
    std::uint64_t width = 0, height = 0;  // pixels, scaled
    std::uint64_t samples = 0;            // a pixel, at most
    std::int64_t frame_start = 0, frame_end = 0;
    std::uint64_t memory_bytes = 0;  // of a frame, estimated
    std::uint64_t fps_milli = 0;     // thousandths of frames a second, as the scene is played
    bool plain = true;               // a frame is one file of width x height: no several views, nothing cropped
    bool operator==(const SceneFacts&) const = default;
};

struct Preflight {
    SceneFacts facts;
    std::vector<PreflightFinding> findings;  // errors first
    std::uint64_t left_out = 0;              // findings that were too many
    bool packed = false;                     // a copy with everything in it was written to /task/out/scene
    [[nodiscard]] std::size_t count(Severity severity) const;
    bool operator==(const Preflight&) const = default;
};

// Reads findings.json. Nothing is taken that is too long, too much, not expected or there twice; control characters in
// texts, which would speak to a terminal, are refused. Errors: kParse, kTooLarge.
Result<Preflight> read_preflight(BytesView json);
// In the same form: read_preflight gives the same again.
Bytes to_json(const Preflight& preflight);
// A line that a stranger wrote, fit for a finding: UTF-8, "?" for control characters, cut at kMaxPreflightTextBytes.
std::string one_line(BytesView text);

// What Blender is asked, as /task/in/plan.json.
struct PreflightPlan {
    std::string scene;                 // its path inside the container
    RenderPlan render;                 // what is rendered
    std::int64_t first = 1, last = 1;  // frames, the lowest and the highest
    std::uint64_t memory_bytes = 0;    // of a task
    bool audit_optional = false;       // what is in the way of one does not stop the job
};
Bytes plan_json(const PreflightPlan& plan);

// Run by Blender (`--python`): reads the plan, writes findings.json and perhaps scene/ to /task/out.
std::string preflight_script();

}  // namespace sublet::jobs
