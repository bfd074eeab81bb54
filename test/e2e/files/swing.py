"""swing.py: makes a small animated scene for Blender: run with blender -b --factory-startup --python swing.py -- OUT.blend [scene|linked].

Every frame differs: a cube turns and moves, a sphere of glass stays, a lamp goes around. 64 x 36 pixels, 4 samples, one seed.
"""
import math
import sys

import bpy

out = sys.argv[sys.argv.index("--") + 1]
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene
scene.render.engine = "CYCLES"
scene.cycles.samples, scene.cycles.seed, scene.cycles.use_adaptive_sampling = 4, 7, False
scene.cycles.use_denoising = False
scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = 64, 36, 100
scene.render.image_settings.file_format = "PNG"
scene.frame_start, scene.frame_end = 1, 24

world = bpy.data.worlds.new("sky")
world.use_nodes = True
world.node_tree.nodes["Background"].inputs[0].default_value = (0.2, 0.3, 0.5, 1)
scene.world = world


def material(name, colour, kind="Diffuse"):
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.clear()
    shader = nodes.new(f"ShaderNodeBsdf{kind}")
    shader.inputs[0].default_value = (*colour, 1)
    end = nodes.new("ShaderNodeOutputMaterial")
    made.node_tree.links.new(shader.outputs[0], end.inputs[0])
    return made


bpy.ops.mesh.primitive_plane_add(size=20)
bpy.context.object.data.materials.append(material("floor", (0.6, 0.6, 0.6)))
bpy.ops.mesh.primitive_cube_add(size=1, location=(0, 0, 0.5))
cube = bpy.context.object
cube.data.materials.append(material("red", (0.8, 0.1, 0.05)))
bpy.ops.mesh.primitive_uv_sphere_add(radius=0.6, location=(1.5, 0.4, 0.6))
bpy.context.object.data.materials.append(material("glass", (0.9, 0.95, 1), "Glass"))
bpy.ops.object.light_add(type="AREA", location=(3, -3, 4))
lamp = bpy.context.object
lamp.data.energy, lamp.data.size = 300, 2
for frame in (1, 12, 24):
    turn = 2 * math.pi * frame / 24
    cube.rotation_euler = (0, 0, turn)
    cube.location.x = -1 + 2 * frame / 24
    cube.keyframe_insert("rotation_euler", frame=frame)
    cube.keyframe_insert("location", frame=frame)
    lamp.location = (3 * math.cos(turn), 3 * math.sin(turn), 4)
    lamp.keyframe_insert("location", frame=frame)
bpy.ops.object.camera_add(location=(0, -7, 3.5), rotation=(math.radians(66), 0, 0))
scene.camera = bpy.context.object
bpy.ops.wm.save_as_mainfile(filepath=out, compress=False)
