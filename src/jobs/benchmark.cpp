// benchmark.cpp: scenes of the benchmark, reference times, and arithmetic of probes.
#include "jobs/benchmark.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace sublet::jobs {
namespace {

constexpr std::uint64_t kMostSamples = 1U << 24U;
constexpr double kMostWork = 1e12;

struct Reference {
    const char* scene;
    double seconds;  // of processor time on one core of the reference machine: the least of four runs, rounded down
};
constexpr std::array<Reference, 3> kReference{{{"room", 0.75}, {"glass", 0.39}, {"crowd", 0.23}}};

constexpr std::string_view kBenchmarkScript =
    R"py("""Renders three small scenes that it makes itself and says how long each took.

SEED, a hexadecimal number that nobody can choose, sets the sampler's seed and where the camera stands.
"""
import json
import math
import os
import random
import time

import bpy

SEED = int(os.environ["SEED"], 16)
SAMPLES = {"room": 16, "glass": 12, "crowd": 8}


def material(name, color, roughness=0.5, transmission=0.0, subsurface=0.0):
    out = bpy.data.materials.new(name)
    out.use_nodes = True
    shader = out.node_tree.nodes["Principled BSDF"].inputs
    shader["Base Color"].default_value = (*color, 1)
    shader["Roughness"].default_value = roughness
    shader["Transmission"].default_value = transmission
    shader["Subsurface"].default_value = subsurface
    return out


def put(thing, look):
    thing.data.materials.append(look)
    return thing


def plane(size, location, rotation, look):
    bpy.ops.mesh.primitive_plane_add(size=size, location=location, rotation=rotation)
    put(bpy.context.object, look)


def ball(radius, location, look, detail=4):
    bpy.ops.mesh.primitive_ico_sphere_add(radius=radius, location=location, subdivisions=detail)
    return put(bpy.context.object, look)


def room():
    """Diffuse light that bounces between walls."""
    white, red, blue = material("w", (0.8, 0.8, 0.8)), material("r", (0.8, 0.1, 0.1)), material("b", (0.1, 0.2, 0.8))
    flat = math.pi / 2
    plane(8, (0, 0, 0), (0, 0, 0), white)
    plane(8, (0, 0, 5), (0, math.pi, 0), white)
    plane(8, (0, 4, 2.5), (flat, 0, 0), white)
    plane(8, (-4, 0, 2.5), (0, flat, 0), red)
    plane(8, (4, 0, 2.5), (0, -flat, 0), blue)
    ball(1, (-1.4, 1, 1), white)
    ball(0.8, (1.3, 0, 0.8), material("shiny", (0.9, 0.8, 0.5), 0.1))
    bpy.ops.object.light_add(type="AREA", location=(0, 0, 4.8))
    bpy.context.object.data.energy, bpy.context.object.data.size = 300, 2


def glass():
    """Light through glass and skin, and a metal floor."""
    plane(20, (0, 0, 0), (0, 0, 0), material("floor", (0.6, 0.6, 0.65), 0.25))
    bpy.ops.mesh.primitive_monkey_add(size=2, location=(-1.2, 0.5, 1.2), rotation=(-0.4, 0, 0.5))
    head = put(bpy.context.object, material("skin", (0.9, 0.5, 0.4), 0.4, subsurface=0.3))
    head.modifiers.new("fine", "SUBSURF").render_levels = 2
    ball(1, (1.2, 0, 1), material("glass", (1, 1, 1), 0, transmission=1))
    ball(0.4, (0.2, -1.4, 0.4), material("ice", (0.8, 0.9, 1), 0.2, transmission=1))
    bpy.ops.object.light_add(type="SUN", rotation=(0.7, 0.2, 0.4))
    bpy.context.object.data.energy = 4


def crowd():
    """Many copies of few things outdoors."""
    plane(60, (0, 0, 0), (0, 0, 0), material("ground", (0.25, 0.2, 0.1)))
    leaf = ball(0.5, (0, 0, 0.5), material("leaf", (0.2, 0.6, 0.15), 0.7))
    dice = random.Random(7)
    for _ in range(500):
        copy = bpy.data.objects.new("copy", leaf.data)
        copy.location = dice.uniform(-10, 10), dice.uniform(-4, 16), dice.uniform(0.2, 0.6)
        copy.scale = (dice.uniform(0.4, 1.6),) * 3
        bpy.context.collection.objects.link(copy)
    bpy.ops.object.light_add(type="SUN", rotation=(0.9, 0.3, 0))
    bpy.context.object.data.energy = 3


def camera(scene, dice):
    angle = dice.uniform(-0.15, 0.15)
    bpy.ops.object.camera_add(location=(8 * math.sin(angle), -8 * math.cos(angle), 2.6), rotation=(1.4, 0, angle))
    scene.camera = bpy.context.object


def render(name, build):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    build()
    camera(scene, random.Random(SEED))
    scene.world = bpy.data.worlds.new("sky")
    scene.render.engine = "CYCLES"
    scene.render.resolution_x, scene.render.resolution_y = 160, 90
    scene.render.use_persistent_data = True
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    cycles = scene.cycles
    cycles.use_adaptive_sampling = cycles.use_denoising = False
    cycles.seed = SEED % 2**31
    cycles.samples = 1  # what is only done once is not counted
    bpy.ops.render.render()
    cycles.samples = SAMPLES[name]
    scene.render.filepath = f"/task/out/{name}.exr"
    begin = time.monotonic()
    bpy.ops.render.render(write_still=True)
    return time.monotonic() - begin


seconds = {each.__name__: render(each.__name__, each) for each in (room, glass, crowd)}
with open("/task/out/seconds.json", "w") as file:
    json.dump(seconds, file)
)py";

}  // namespace

std::string_view benchmark_script() { return kBenchmarkScript; }

Result<std::uint64_t> benchmark_rate(BytesView answer) {
    const nlohmann::json seconds = nlohmann::json::parse(answer, nullptr, false);
    double product = 1;
    for (const Reference& each : kReference) {
        const auto found = seconds.is_object() ? seconds.find(each.scene) : seconds.end();
        const bool fits = seconds.is_object() && found != seconds.end() && found->is_number();
        const double took = fits ? found->get<double>() : 0;
        if (!std::isfinite(took) || took < 1e-4 || took > 1e5) {
            return fail(Code::kParse, std::string{"the benchmark names no time of its scene "} + each.scene);
        }
        product *= each.seconds / took;
    }
    const double rate = 1'000 * std::cbrt(product);
    return static_cast<std::uint64_t>(std::max(1.0, std::round(rate)));
}

double whole_time(const Turn& few, const Turn& more) {
    if (more.samples <= few.samples) {
        return more.seconds;
    }
    const double each = std::max(0.0, (more.seconds - few.seconds) / static_cast<double>(more.samples - few.samples));
    return more.seconds + each * static_cast<double>(more.of - std::min(more.of, more.samples));
}

Result<Turn> parse_turn(BytesView text, double seconds) {
    Turn out{.seconds = seconds, .samples = 0, .of = 0};
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, out.samples);
    if (first.ec == std::errc{} && first.ptr != end && *first.ptr == ' ') {
        std::from_chars(first.ptr + 1, end, out.of);
    }
    if (out.samples == 0 || out.of < out.samples || out.of > kMostSamples) {
        return fail(Code::kParse, "the program does not say how many samples of how many it rendered");
    }
    return out;
}

std::uint64_t work_of(double seconds, std::uint64_t rate, unsigned cores) {
    const double work = seconds * static_cast<double>(rate) * std::max(1U, cores);
    return static_cast<std::uint64_t>(std::clamp(std::round(work), 1.0, kMostWork));
}

}  // namespace sublet::jobs
