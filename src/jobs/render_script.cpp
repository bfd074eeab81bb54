// render_script.cpp: the program that Blender runs on a worker, and that an auditor runs to see the same pixels again.
// Spec: docs/spec/worker.md (sessions), docs/spec/verification.md.
#include "jobs/blender.hpp"

namespace sublet::jobs {
namespace {

constexpr std::string_view kRenderScript =
    R"py("""Renders frames of a scene, one task after the other, in one Blender that loads the scene once.

A file /task/todo/TURN holds the task's index and its frame (of an image in parts: its part), and of a probe by how much
its samples are cut: /task/out/INDEX.share then says how many of how many were rendered. Results go to /task/out/INDEX/, what Blender prints to
/task/out/INDEX.log, and /task/out/INDEX.done with 0 or 1 says that the task is over. Where the third word is "crops",
/task/todo/TURN.crops lists rectangles of the task's picture, in pixels from its top left; they alone are rendered, to crop-0, crop-1, ...
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
    if PLAN.get("audit"):
        render.dither_intensity = 0  # its pattern follows a pixel's place in the file, so a crop has another


def size_of(scene):
    render = scene.render
    return (max(1, side * render.resolution_percentage // 100) for side in (render.resolution_x, render.resolution_y))


def set_border(scene, left, top, right, bottom):
    """What is rendered, in pixels of the whole picture. Blender cuts fractions off: a quarter of a pixel keeps clear of
    what a float loses."""
    render, (width, height) = scene.render, size_of(scene)
    render.use_border = render.use_crop_to_border = True
    render.border_min_x, render.border_max_x = (left + 0.25) / width, (right + 0.25) / width
    render.border_min_y, render.border_max_y = (height - bottom + 0.25) / height, (height - top + 0.25) / height


def tile_of(still, part, width, height):
    column, row = part % still["columns"], part // still["columns"]
    left, right = (width * at // still["columns"] for at in (column, column + 1))
    top, bottom = (height * at // still["rows"] for at in (row, row + 1))
    return left, top, right, bottom


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
    width, height = size_of(scene)
    if width < still["columns"] or height < still["rows"]:
        raise RuntimeError(f"an image of {width} x {height} pixels has no {still['columns']} x {still['rows']} tiles")
    set_border(scene, *tile_of(still, part, width, height))


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


OVERSCAN = 16  # pixels around a crop: adaptive sampling looks at a pixel's neighbours
AUDITED = {"PNG": (), "OPEN_EXR": ("NONE", "ZIP", "ZIPS", "PIZ", "RLE"), "OPEN_EXR_MULTILAYER": ("NONE", "ZIP", "ZIPS", "PIZ", "RLE")}


def in_the_way(scene, part=False):
    """Why a crop of this scene would not be what the whole picture has in that place; empty where it would. Parts of a
    still are rendered without what looks beyond them."""
    render, cycles = scene.render, scene.cycles
    kind, codec = render.image_settings.file_format, render.image_settings.exr_codec
    found = []
    if render.engine != "CYCLES":
        return ["the engine is not Cycles"]
    if part:
        pass
    elif kind not in AUDITED:
        found.append(f"{kind} is not compared: --format PNG or OPEN_EXR")
    elif AUDITED[kind] and codec not in AUDITED[kind]:
        found.append(f"OpenEXR with the codec {codec} loses something: choose ZIP")
    if cycles.use_denoising and not part:
        found.append("a denoiser looks beyond a crop")
    if render.use_compositing and scene.use_nodes and not part:
        found.append("the compositor looks beyond a crop")
    if render.use_sequencer and scene.sequence_editor and len(scene.sequence_editor.sequences) and not part:
        found.append("the sequencer changes pictures after they are rendered")
    if render.use_multiview:
        found.append("stereo views")
    if REGION:
        found.append("the scene renders a region alone")
    if render.use_stamp:
        found.append("metadata is written into the picture")
    if cycles.time_limit and not part:
        found.append("a time limit ends sampling where it happens to be")
    if getattr(cycles, "use_guiding", False):
        found.append("path guiding learns from the whole picture")
    return found


def render_crops(scene, index, frame, rectangles):
    """Each with the samples, the seed and the place that it has in the task's picture."""
    still = PLAN["still"]
    scene.frame_set(still["frame"] if still else frame)
    if still:
        prepare_part(scene, still, frame)
    found = in_the_way(scene, bool(still))
    if found:
        raise RuntimeError("this cannot be audited: " + "; ".join(found))
    width, height = size_of(scene)
    left, top, right, bottom = (0, 0, width, height)
    if still and still["by"] == "tiles":
        left, top, right, bottom = tile_of(still, frame, width, height)
    around = OVERSCAN if scene.cycles.use_adaptive_sampling else 0
    for number, (x, y, wide, high) in enumerate(rectangles):
        if not (0 <= x < x + wide <= right - left and 0 <= y < y + high <= bottom - top):
            raise RuntimeError(f"crop {number} is not within the picture")
        set_border(scene, max(left, left + x - around), max(top, top + y - around),
                   min(right, left + x + wide + around), min(bottom, top + y + high + around))
        scene.render.filepath = f"/task/out/{index}/crop-{number}"
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


def attempt(index, frame, share, rectangles):
    """One task; everything that is printed meanwhile goes to its log."""
    sys.stdout.flush()
    kept = os.dup(1), os.dup(2)
    log = os.open(f"/task/out/{index}.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(log, 1), os.dup2(log, 2)
    code = 0
    try:
        scene = bpy.context.scene
        scene.render.use_border = REGION  # a tile or crops came before
        if share or rectangles:
            scene.cycles.samples, scene.cycles.use_adaptive_sampling = SAMPLES, ADAPTIVE
        prepare(scene)
        if share:
            scene.cycles.use_adaptive_sampling = False
            cut_short(scene, index, share)
        os.makedirs(f"/task/out/{index}", exist_ok=True)
        if rectangles:
            render_crops(scene, index, frame, rectangles)
        elif PLAN["still"]:
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


REGION = bpy.context.scene.render.use_border
CYCLES = getattr(bpy.context.scene, "cycles", None)
SAMPLES, ADAPTIVE = (CYCLES.samples, CYCLES.use_adaptive_sampling) if CYCLES else (0, False)
turn, idle = 1, 0.0
while True:
    try:
        with open(f"/task/todo/{turn}") as file:
            words = file.read().split()
    except FileNotFoundError:  # an auditor may wait for minutes: seldom looks cost nothing
        pause = min(0.5, 0.01 + idle / 50)
        time.sleep(pause)
        idle += pause
        continue
    idle = 0.0
    if words == ["end"]:
        break
    crops = []
    if words[2:] == ["crops"]:
        with open(f"/task/todo/{turn}.crops") as file:
            crops = json.load(file)
    attempt(int(words[0]), int(words[1]), 0 if crops else int(words[2]) if len(words) > 2 else 0, crops)
    turn += 1
)py";

}  // namespace

std::string_view render_script() { return kRenderScript; }

std::string_view in_the_way_script() {
    const std::size_t from = kRenderScript.find("AUDITED = {");
    return kRenderScript.substr(from, kRenderScript.find("def render_crops(") - from);
}

bool is_known_script(BytesView bytes) { return bytes == kRenderScript; }

}  // namespace sublet::jobs
