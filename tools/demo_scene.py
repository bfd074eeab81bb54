"""demo_scene.py: makes the animation of `./run demo` for Blender: blender -b --factory-startup --python demo_scene.py -- OUT.blend

A wave runs around a ring of coloured pillars; a mirror ball in the middle shows them. 24 frames that join without a seam, 24 a second,
320 x 180 pixels, a second or so each on one core.
"""
import colorsys
import math
import sys

import bpy

PILLARS, FRAMES = 18, 24

out = sys.argv[sys.argv.index("--") + 1]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.cycles.samples, scene.cycles.seed = 8, 1
scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
scene.cycles.max_bounces = 3
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 320, 180, 100
scene.render.fps = 24
scene.render.image_settings.file_format = "PNG"
scene.render.image_settings.color_mode = "RGB"
scene.frame_start, scene.frame_end = 1, FRAMES

world = bpy.data.worlds.new("dusk")
world.use_nodes = True
world.node_tree.nodes["Background"].inputs[0].default_value = (0.05, 0.07, 0.12, 1)
scene.world = world


def material(name, colour, metallic=0.0, roughness=0.5):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    shader = made.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1)
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Roughness"].default_value = roughness
    return made


bpy.ops.mesh.primitive_plane_add(size=40)
bpy.context.object.data.materials.append(material("floor", (0.25, 0.25, 0.28), roughness=0.3))
bpy.ops.mesh.primitive_uv_sphere_add(radius=1.4, segments=48, ring_count=24, location=(0, 0, 1.4))
bpy.ops.object.shade_smooth()
bpy.context.object.data.materials.append(material("mirror", (0.95, 0.95, 0.95), metallic=1.0, roughness=0.03))
for at in range(PILLARS):
    angle = 2 * math.pi * at / PILLARS
    bpy.ops.mesh.primitive_cube_add(size=1, location=(3 * math.cos(angle), 3 * math.sin(angle), 0))
    pillar = bpy.context.object
    pillar.rotation_euler.z = angle
    pillar.data.materials.append(material(f"colour {at}", colorsys.hsv_to_rgb(at / PILLARS, 0.8, 0.9)))
    for frame in range(1, FRAMES + 2):
        wave = math.sin(2 * angle - 2 * math.pi * (frame - 1) / FRAMES)
        pillar.scale = (0.6, 0.6, 0.9 + 0.6 * wave)
        pillar.location.z = pillar.scale.z / 2
        pillar.keyframe_insert("scale", frame=frame)
        pillar.keyframe_insert("location", index=2, frame=frame)
bpy.ops.object.light_add(type="AREA", location=(4, -5, 7), rotation=(math.radians(40), 0, math.radians(35)))
bpy.context.object.data.energy, bpy.context.object.data.size = 900, 4
bpy.ops.object.camera_add(location=(0, -9.5, 5.6), rotation=(math.radians(62), 0, 0))
bpy.context.object.data.lens = 42
scene.camera = bpy.context.object
bpy.ops.wm.save_as_mainfile(filepath=out, compress=False)
