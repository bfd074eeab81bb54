// blender.hpp: what of Blender a creator's machine has to know without having it: which version wrote a scene, and the
// program that renders it on a worker. Spec: docs/spec/rendering.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "jobs/still.hpp"

namespace sublet::jobs {

inline constexpr unsigned kBlenderOfImages = 304;  // 3.4, what Debian 12 has: it reads this and older

// The version in a scene's header, as 304 for 3.4; plain files, and those that Blender compressed (gzip, zstd).
// Errors: kNotFound, kIo, kParse (not a scene of Blender's).
Result<unsigned> blend_version(const std::filesystem::path& file);
std::string version_text(unsigned version);  // "3.4"

// What is rendered, for the program on the worker.
struct RenderPlan {
    std::string format;         // as Blender names it: PNG, JPEG, OPEN_EXR, OPEN_EXR_MULTILAYER; empty: the scene's own
    std::uint32_t samples = 0;  // of Cycles; 0: the scene's own
    std::uint32_t scale = 0;    // percent of the scene's resolution; 0: its own
    std::optional<Still> still;  // each task renders a part of one image
    bool audit = false;          // crops of what is rendered can be compared: no dithering
};
Bytes plan_json(const RenderPlan& plan);

// Run by Blender (`--python`) in a session: docs/spec/worker.md.
std::string_view render_script();
// That a job's render.py is this one: in an audited job nobody runs a creator's own, which could render crops otherwise
// than frames and so make an honest worker look like a cheat.
bool is_known_script(BytesView bytes);

}  // namespace sublet::jobs
