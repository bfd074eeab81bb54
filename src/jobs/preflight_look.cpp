// preflight_look.cpp: what preflight asks of the scene itself: engine, output, scripts, nodes, simulations, memory; a
// program that Blender runs. Spec: docs/spec/rendering.md (preflight).
#include "jobs/preflight_parts.hpp"

namespace sublet::jobs {
namespace {

constexpr std::string_view kPreflightLookScript =
    R"py("""Looks at a scene with Blender's own eyes, writes what a worker would stumble over to /task/out/findings.json, and
where all of it can travel a copy that needs nothing else to /task/out/scene.
"""
import json
import os
import re
import sys
import traceback

import bpy

with open("/task/in/plan.json") as file:
    PLAN = json.load(file)
OUT = "/task/out"
MOST = 500  # findings; and letters of each text: the reader takes no more
MOST_LETTERS = 400
FINDINGS = []
FACTS = {}


def say(severity, rule, what, where, fix=""):
    FINDINGS.append({"severity": severity, "rule": rule, "what": what, "where": where, "fix": fix})


def write(packed):
    rank = {"error": 0, "warning": 1, "note": 2}
    FINDINGS.sort(key=lambda each: rank[each["severity"]])
    shown = [{key: clean(text) for key, text in each.items()} for each in FINDINGS[:MOST]]
    text = json.dumps({"version": 1, "facts": FACTS, "findings": shown, "left_out": len(FINDINGS) - len(shown),
                       "packed": packed}, ensure_ascii=False)
    with open(f"{OUT}/findings.json", "w", encoding="utf-8") as file:
        file.write(text)


def clean(text):
    text = text.encode("utf-8", "replace").decode("utf-8", "replace")[:MOST_LETTERS]
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def named(block):
    return f"{block.bl_rna.name} \"{block.name}\""


def used(blocks):
    return [each for each in blocks if each.users > 0]


def path_of(block, path=None):
    return os.path.normpath(bpy.path.abspath(block.filepath if path is None else path, library=block.library))


# --- settings of the scene: engine, output, frames, sizes

def look_at_engine(scene):
    engine = scene.render.engine
    FACTS["engine"] = engine
    if engine in ("BLENDER_EEVEE", "BLENDER_WORKBENCH"):
        say("error", "engine", f"{engine} draws with a graphics card and a display, which workers do not have (Blender "
            "also takes Eevee where it lacks an add-on's engine)",
            f"Scene \"{scene.name}\"", "choose Cycles: Render Properties > Render Engine")
    elif engine != "CYCLES":
        say("error", "engine", f"the engine {engine} comes from an add-on, which workers do not have",
            f"Scene \"{scene.name}\"", "choose Cycles: Render Properties > Render Engine")
    else:
        look_at_cycles(scene)


def look_at_cycles(scene):
    import _cycles
    cycles, place = scene.cycles, f"Scene \"{scene.name}\""
    FACTS["samples"] = PLAN["samples"] or cycles.samples
    FACTS["denoiser"] = "OPENIMAGEDENOISE" if cycles.use_denoising else ""
    if cycles.use_denoising and not _cycles.with_openimagedenoise:
        say("error", "denoiser", "it denoises with OpenImageDenoise, which the workers' Blender is built without: "
            "each frame would fail", place, "switch it off: Render Properties > Sampling > Render > Denoise; denoise "
            "the frames at home")
    if cycles.shading_system and not bpy.app.build_options.cycles_osl:
        say("error", "osl", "it shades with the Open Shading Language, which the workers' Blender is built without",
            place, "switch it off: Render Properties > Open Shading Language")
    if cycles.device == "GPU":
        say("note", "device", "it asks for a graphics card; workers render it with the processor", place)


def look_at_output(scene):
    render, place = scene.render, f"Scene \"{scene.name}\""
    kind = PLAN["format"] or render.image_settings.file_format
    scale = PLAN["scale"] or render.resolution_percentage
    FACTS["format"] = kind
    sides = render.resolution_x, render.resolution_y
    FACTS["width"], FACTS["height"] = (min(max(1, side * scale // 100), 1 << 17) for side in sides)
    FACTS["frame_start"], FACTS["frame_end"] = scene.frame_start, scene.frame_end
    FACTS["fps_milli"] = max(1, min(round(1000 * render.fps / render.fps_base), 1000000))
    FACTS["plain"] = not render.use_multiview and not (render.use_border and render.use_crop_to_border)
    if kind in ("FFMPEG", "AVI_JPEG", "AVI_RAW"):
        say("error", "video", f"it writes a video ({kind}); workers render frames, each one alone", place,
            "--format PNG, and make the video of the frames afterwards")
    if PLAN["first"] < scene.frame_start or PLAN["last"] > scene.frame_end:
        say("warning", "frames", f"frames {PLAN['first']} to {PLAN['last']} are asked for, the scene has "
            f"{scene.frame_start} to {scene.frame_end}", place, "--frames, or Output Properties > Frame Range")
    if scene.camera is None:
        say("error", "camera", "it has no camera, so each frame would fail", place,
            "add one and make it active: Scene Properties > Camera")
    if FACTS["width"] * FACTS["height"] > 7680 * 4320:
        say("warning", "size", f"frames of {FACTS['width']} x {FACTS['height']} pixels are larger than 8K", place,
            "--scale, or Output Properties > Resolution")


def look_at_audit(scene):
    """Asks what render.py asks, of the scene as it would be rendered."""
    global REGION
    settings = scene.render.image_settings
    kept, REGION = settings.file_format, scene.render.use_border
    settings.file_format = PLAN["format"] or kept
    for each in in_the_way(scene, PLAN["part"]):
        say("warning" if PLAN["audit_optional"] else "error", "audit", f"this scene cannot be audited: {each}",
            f"Scene \"{scene.name}\"", "change it, or render without an audit: --audit none")
    settings.file_format = kept


# --- what a worker does not run

def look_at_scripts():
    for text in bpy.data.texts:
        if text.use_module:
            say("warning", "script", "this text asks to run when the scene is opened; workers run no program of a "
                "scene", f"Text \"{text.name}\"", "make what it does lasting (apply, bake), then switch "
                "Register off: Text Editor > Text")
    for block in every_block():
        for curve in (block.animation_data.drivers if getattr(block, "animation_data", None) else ()):
            driver, place = curve.driver, f"{named(block)}, {curve.data_path}"
            if driver.type == "SCRIPTED" and not driver.is_simple_expression:
                say("error", "driver", f"the expression \"{driver.expression}\" needs Python, which workers lack: "
                    "the value would stay as it is", place, "write it with + - * / and functions such as sin and min "
                    "alone, or bake the driver to keyframes")
            elif not driver.is_valid:
                say("warning", "driver", "the driver is broken", place, "mend or remove it in the Drivers Editor")


def every_block():
    for block in bpy.data.user_map():
        yield block
        tree = getattr(block, "node_tree", None)
        if tree is not None and not isinstance(block, bpy.types.NodeTree):
            yield tree


def look_at_nodes(scene):
    for block in every_block():
        if not isinstance(block, bpy.types.NodeTree):
            continue
        for node in block.nodes:
            place = f"{named(block)}, node \"{node.name}\""
            if node.bl_idname == "NodeUndefined":
                say("error", "add-on", "this node comes from an add-on or a newer Blender; workers have neither", place,
                    "replace it by nodes of Blender's own")
            if block == scene.node_tree and scene.use_nodes and node.bl_idname == "CompositorNodeOutputFile":
                say("warning", "file-output", "what this node writes is not among the results", place,
                    "choose the format OPEN_EXR_MULTILAYER, which has all passes in one file")
            if block == scene.node_tree and scene.use_nodes and node.bl_idname == "CompositorNodeDenoise":
                say("warning", "denoiser", "this node denoises with OpenImageDenoise, which the workers' Blender is "
                    "built without: it changes nothing there", place, "mute it, and denoise the frames at home")


# --- simulations

def look_at_simulations():
    for scene in bpy.data.scenes:
        world = scene.rigidbody_world
        if world and world.enabled and world.collection and len(world.collection.objects):
            look_at_cache(world.point_cache, "rigid bodies", f"Scene \"{scene.name}\"")
    for thing in used(bpy.data.objects):
        for each in thing.modifiers:
            if each.show_render:
                look_at_modifier(thing, each)


def look_at_modifier(thing, each):
    place = f"Object \"{thing.name}\", modifier \"{each.name}\""
    if each.type in ("CLOTH", "SOFT_BODY"):
        look_at_cache(each.point_cache, each.type.lower().replace("_", " "), place)
    elif each.type == "PARTICLE_SYSTEM":
        system = each.particle_system
        if system.settings.type == "EMITTER" or system.use_hair_dynamics:
            look_at_cache(system.point_cache, "particles", place)
    elif each.type == "DYNAMIC_PAINT" and each.canvas_settings:
        for surface in each.canvas_settings.canvas_surfaces:
            if surface.is_active:
                look_at_cache(surface.point_cache, "dynamic paint", place)
    elif each.type == "FLUID" and each.fluid_type == "DOMAIN":
        look_at_fluid(each.domain_settings, thing, place)
    elif each.type == "MESH_CACHE":
        look_at_file(thing, each.filepath, place, BESIDE, lambda moved: setattr(each, "filepath", moved))
    elif each.type == "OCEAN" and each.is_cached:
        say("error", "cache", "the ocean's foam and waves are cached in a folder of this machine", place,
            "delete the bake: Modifier Properties > Ocean > Bake")


BAKE_FIRST = "bake it: {}; then save the scene"


def look_at_cache(cache, kind, place):
    if not cache.is_baked:
        say("error", "unbaked", f"this simulation ({kind}) is not baked: a worker that renders a frame in the middle "
            "would see its beginning", place, BAKE_FIRST.format("Cache > Bake, or Bake All Dynamics in the scene"))
    elif cache.use_disk_cache or cache.use_external:
        folder = bpy.path.abspath("//blendcache_" + os.path.splitext(os.path.basename(PLAN["scene"]))[0])
        if cache.use_external:
            say("error", "cache", f"this simulation ({kind}) is cached in a folder of its own", place,
                "switch External off: Cache, and bake it again")
        elif os.path.isdir(folder):
            BESIDE.append((folder, None, place, None))
        else:
            say("error", "missing", f"its cache {folder} is not there", place, BAKE_FIRST.format("Cache > Bake"))


def look_at_fluid(domain, thing, place):
    baked = domain.cache_type != "REPLAY" and domain.has_cache_baked_data and not (
        (domain.use_mesh and domain.domain_type == "LIQUID" and not domain.has_cache_baked_mesh) or
        (domain.use_noise and domain.domain_type == "GAS" and not domain.has_cache_baked_noise))
    folder = os.path.normpath(bpy.path.abspath(domain.cache_directory, library=thing.library))
    if not baked:
        say("error", "unbaked", "this simulation (fluid) is not baked: a worker that renders a frame in the middle "
            "would see its beginning", place, BAKE_FIRST.format("Physics > Fluid > Cache, type All, Bake All"))
    elif not os.path.isdir(folder):
        say("error", "missing", f"its cache {folder} is not there", place, BAKE_FIRST.format("Physics > Fluid > Cache"))
    else:
        BESIDE.append((folder, lambda moved: setattr(domain, "cache_directory", moved), place, None))
)py";

}  // namespace

std::string_view preflight_look_script() { return kPreflightLookScript; }

}  // namespace sublet::jobs
