// blender.cpp: reads headers of scenes, writes plans.
#include "jobs/blender.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

namespace sublet::jobs {
namespace {

constexpr std::size_t kHeaderBytes = 12;  // "BLENDER" pointer-size endianness three digits
constexpr std::size_t kReadAtOnce = 1U << 16U;

constexpr std::string_view kRenderScript =
    R"py("""Renders frames of a scene, one task after the other, in one Blender that loads the scene once.

A file /task/todo/TURN holds the task's index and its frame (of an image in parts: its part), and of a probe by how much
its samples are cut: /task/out/INDEX.share then says how many of how many were rendered. Results go to /task/out/INDEX/, what Blender prints to
/task/out/INDEX.log, and /task/out/INDEX.done with 0 or 1 says that the task is over.
"""
import json
import os
import sys
import time
import traceback

import bpy

with open("/task/in/plan.json") as file:
    PLAN = json.load(file)


def prepare(scene):
    render = scene.render
    if PLAN["format"]:
        render.image_settings.file_format = PLAN["format"]
    if PLAN["scale"]:
        render.resolution_percentage = PLAN["scale"]
    if PLAN["samples"]:
        scene.cycles.samples = PLAN["samples"]
    render.use_file_extension = True
    render.use_overwrite = True
    render.use_placeholder = False
    render.use_persistent_data = True
    if render.image_settings.file_format in ("FFMPEG", "AVI_JPEG", "AVI_RAW"):
        raise RuntimeError("the scene writes a video; render frames and encode them afterwards: --format PNG")


def prepare_part(scene, still, part):
    """A part of one image: full floats, and nothing that looks beyond its own samples or pixels."""
    render, cycles = scene.render, scene.cycles
    if render.engine != "CYCLES":
        raise RuntimeError("an image is split with Cycles alone; render it whole: without --split")
    if render.image_settings.file_format not in ("OPEN_EXR", "OPEN_EXR_MULTILAYER"):
        render.image_settings.file_format = "OPEN_EXR"
    render.image_settings.color_depth = "32"
    render.image_settings.exr_codec = "ZIP"
    render.use_compositing = render.use_sequencer = False
    cycles.use_denoising = False
    cycles.time_limit = 0
    if still["by"] == "samples":
        parts = still["columns"]
        first = still["samples"] * part // parts
        cycles.use_adaptive_sampling = False
        cycles.sample_offset = first
        cycles.samples = still["samples"] * (part + 1) // parts - first
        return
    width = render.resolution_x * render.resolution_percentage // 100
    height = render.resolution_y * render.resolution_percentage // 100
    column, row = part % still["columns"], part // still["columns"]
    if width < still["columns"] or height < still["rows"]:
        raise RuntimeError(f"an image of {width} x {height} pixels has no {still['columns']} x {still['rows']} tiles")
    left, right = (width * at // still["columns"] for at in (column, column + 1))
    top, bottom = (height * at // still["rows"] for at in (row, row + 1))
    render.use_border = render.use_crop_to_border = True
    # Blender cuts fractions off: a quarter of a pixel keeps clear of what a float loses.
    render.border_min_x, render.border_max_x = (left + 0.25) / width, (right + 0.25) / width
    render.border_min_y, render.border_max_y = (height - bottom + 0.25) / height, (height - top + 0.25) / height


def render_part(scene, index, still, part, share):
    samples = scene.cycles.samples
    scene.frame_set(still["frame"])
    prepare_part(scene, still, part)
    if share:
        scene.cycles.samples = samples
    scene.render.filepath = f"/task/out/{index}/part.exr"
    bpy.ops.render.render(write_still=True)


def render_frame(scene, index, frame):
    scene.frame_set(frame)
    scene.render.filepath = f"/task/out/{index}/{frame:04d}"
    bpy.ops.render.render(write_still=True)


def cut_short(scene, index, share):
    """Of a probe: a part of the samples, and word of how many these are of how many."""
    whole = PLAN["still"]["samples"] // PLAN["still"]["columns"] if still_by_samples() else scene.cycles.samples
    samples = max(1, whole // share)
    scene.cycles.samples = samples
    with open(f"/task/out/{index}.share", "w") as file:
        file.write(f"{samples} {max(1, whole)}")


def still_by_samples():
    return PLAN["still"] and PLAN["still"]["by"] == "samples"


def attempt(index, frame, share):
    """One task; everything that is printed meanwhile goes to its log."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    log = os.open(f"/task/out/{index}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1), os.dup2(log, 2)
    code = 0
    try:
        scene = bpy.context.scene
        if share:
            scene.cycles.samples = SAMPLES
        prepare(scene)
        if share:
            scene.cycles.use_adaptive_sampling = False
            cut_short(scene, index, share)
        os.makedirs(f"/task/out/{index}", exist_ok=True)
        if PLAN["still"]:
            render_part(scene, index, PLAN["still"], frame, share)
        else:
            render_frame(scene, index, frame)
        if not os.listdir(f"/task/out/{index}"):
            raise RuntimeError("Blender wrote nothing")
    except Exception:
        traceback.print_exc()
        code = 1
    sys.stdout.flush(), sys.stderr.flush()
    os.dup2(kept[0], 1), os.dup2(kept[1], 2)
    for handle in (*kept, log):
        os.close(handle)
    with open(f"/task/out/{index}.new", "w") as file:
        file.write(str(code))
    os.rename(f"/task/out/{index}.new", f"/task/out/{index}.done")


SAMPLES = bpy.context.scene.cycles.samples if hasattr(bpy.context.scene, "cycles") else 0
turn = 1
while True:
    try:
        with open(f"/task/todo/{turn}") as file:
            words = file.read().split()
    except FileNotFoundError:
        time.sleep(0.01)
        continue
    attempt(int(words[0]), int(words[1]), int(words[2]) if len(words) > 2 else 0)
    turn += 1
)py";

struct CloseArchive {
    void operator()(archive* opened) const { archive_read_free(opened); }
};

}  // namespace

Result<unsigned> blend_version(const std::filesystem::path& file) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error)) {
        return fail(Code::kNotFound, "there is no file " + file.string());
    }
    const std::unique_ptr<archive, CloseArchive> opened{archive_read_new()};
    archive_read_support_filter_gzip(opened.get());
    archive_read_support_filter_zstd(opened.get());
    archive_read_support_format_raw(opened.get());
    archive_entry* entry = nullptr;
    std::array<char, kHeaderBytes> header{};
    const bool read = archive_read_open_filename(opened.get(), file.c_str(), kReadAtOnce) == ARCHIVE_OK &&
                      archive_read_next_header(opened.get(), &entry) == ARCHIVE_OK &&
                      archive_read_data(opened.get(), header.data(), header.size()) == la_ssize_t{kHeaderBytes};
    const std::string_view text{header.data(), header.size()};
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (!read || !text.starts_with("BLENDER") || !digit(9) || !digit(10) || !digit(11)) {
        return fail(Code::kParse, file.string() + " is no scene of Blender's: its header says something else");
    }
    return static_cast<unsigned>((text[9] - '0') * 100 + (text[10] - '0') * 10 + (text[11] - '0'));
}

std::string version_text(unsigned version) {
    return std::to_string(version / 100) + "." + std::to_string(version % 100);
}

Bytes plan_json(const RenderPlan& plan) {
    nlohmann::json out{{"format", plan.format}, {"samples", plan.samples}, {"scale", plan.scale}};
    out["still"] = plan.still ? nlohmann::json::parse(still_json(*plan.still)) : nlohmann::json{};
    return out.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view render_script() { return kRenderScript; }

}  // namespace sublet::jobs
