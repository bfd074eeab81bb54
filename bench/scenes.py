"""scenes.py: makes the animated scenes of bench/quotes.sh and bench/cheats.sh: blender -b --factory-startup --python scenes.py -- NAME OUT.blend

Each spends its time on something else, and no frame costs what its neighbours cost. 160 x 90 pixels, 24 frames. The
first six are those of the quotes; bench/cheats.sh has all.
"""
import math
import random
import sys

import bpy

NAME, OUT = sys.argv[sys.argv.index("--") + 1 :]
LAST = 24
bpy.ops.wm.read_factory_settings(use_empty=True)
scene = bpy.context.scene


def material(color, roughness=0.5, **more):
    made = bpy.data.materials.new("m")
    made.use_nodes = True
    inputs = made.node_tree.nodes["Principled BSDF"].inputs
    inputs["Base Color"].default_value, inputs["Roughness"].default_value = (*color, 1), roughness
    for key, value in more.items():
        inputs[key.replace("_", " ")].default_value = value
    return made


def ball(size, at, look, detail=4):
    bpy.ops.mesh.primitive_ico_sphere_add(radius=size, location=at, subdivisions=detail)
    bpy.context.object.data.materials.append(look)
    return bpy.context.object


def floor(look=None):
    bpy.ops.mesh.primitive_plane_add(size=40)
    bpy.context.object.data.materials.append(look or material((0.5, 0.5, 0.5)))


def sun(energy=3):
    bpy.ops.object.light_add(type="SUN", rotation=(0.8, 0.2, 0.4))
    bpy.context.object.data.energy = energy


def grow(thing, begin, end):
    for frame, size in ((1, begin), (LAST, end)):
        thing.scale = (size,) * 3
        thing.keyframe_insert("scale", frame=frame)


def glass():
    floor(), sun()
    grow(ball(1, (0, 0, 1), material((1, 1, 1), 0.0, Transmission=1.0)), 0.3, 3)


def room():
    for at, turn in (((0, 0, 0), (0, 0, 0)), ((0, 0, 5), (math.pi, 0, 0)), ((0, 4, 2), (math.pi / 2, 0, 0)), ((4, 0, 2), (0, -math.pi / 2, 0))):
        bpy.ops.mesh.primitive_plane_add(size=9, location=at, rotation=turn)
        bpy.context.object.data.materials.append(material((0.8, 0.8, 0.75)))
    bpy.ops.object.light_add(type="AREA", location=(0, 0, 4.5))
    bpy.context.object.data.energy = 300
    thing = ball(0.8, (-3, 0, 1), material((0.9, 0.2, 0.1)))
    for frame, x in ((1, -3), (LAST, 3)):
        thing.location.x = x
        thing.keyframe_insert("location", frame=frame)


def crowd():
    floor(), sun()
    dice, leaf = random.Random(3), ball(0.4, (0, 0, 0.4), material((0.2, 0.6, 0.2)))
    for number in range(1200):
        copy = bpy.data.objects.new("copy", leaf.data)
        copy.location = dice.uniform(-9, 9), dice.uniform(-3, 14), 0.4
        bpy.context.collection.objects.link(copy)
        copy.hide_render = False
        if number % 2:  # half of them come one after the other
            copy.hide_render = True
            copy.keyframe_insert("hide_render", frame=1)
            copy.hide_render = False
            copy.keyframe_insert("hide_render", frame=2 + number % LAST)


def skin():
    floor(), sun(4)
    bpy.ops.mesh.primitive_monkey_add(size=2.5, location=(0, 0, 1.4))
    head = bpy.context.object
    head.data.materials.append(material((0.9, 0.5, 0.4), 0.4, Subsurface=0.4))
    head.modifiers.new("fine", "SUBSURF").render_levels = 3
    for frame, turn in ((1, -0.5), (LAST, 2.5)):
        head.rotation_euler.z = turn
        head.keyframe_insert("rotation_euler", frame=frame)


def fog():
    floor(), sun()
    bpy.ops.mesh.primitive_cube_add(size=3, location=(0, 0, 1.5))
    made = bpy.data.materials.new("fog")
    made.use_nodes = True
    nodes = made.node_tree.nodes
    nodes.clear()
    volume, end = nodes.new("ShaderNodeVolumePrincipled"), nodes.new("ShaderNodeOutputMaterial")
    made.node_tree.links.new(volume.outputs[0], end.inputs["Volume"])
    density = volume.inputs["Density"]
    for frame, value in ((1, 0.05), (LAST, 1.0)):
        density.default_value = value
        density.keyframe_insert("default_value", frame=frame)
    bpy.context.object.data.materials.append(made)


def pattern():
    look = material((0.5, 0.5, 0.5), 0.3)
    nodes, links = look.node_tree.nodes, look.node_tree.links
    noise, waves = nodes.new("ShaderNodeTexNoise"), nodes.new("ShaderNodeTexVoronoi")
    noise.inputs["Detail"].default_value, noise.inputs["Scale"].default_value = 12, 9
    links.new(noise.outputs["Color"], waves.inputs["Vector"])
    links.new(waves.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
    floor(look), sun()
    grow(ball(1.2, (0, 0, 1.2), look), 0.5, 2)


def hair():
    floor(), sun()
    head = ball(1.2, (0, 0, 1.4), material((0.4, 0.2, 0.1), 0.6), 3)
    head.modifiers.new("hair", "PARTICLE_SYSTEM")
    settings = head.particle_systems[0].settings
    settings.type, settings.count, settings.hair_length, settings.hair_step = "HAIR", 1500, 0.6, 4
    settings.root_radius = 0.3
    grow(head, 0.6, 1.5)


def lamps():
    floor(material((0.2, 0.2, 0.25), 0.1, Metallic=1.0))
    dice = random.Random(7)
    for number in range(24):
        bpy.ops.object.light_add(type="POINT", location=(dice.uniform(-6, 6), dice.uniform(-2, 10), dice.uniform(0.5, 4)))
        bpy.context.object.data.energy = 60
        bpy.context.object.data.color = [dice.uniform(0.3, 1) for _ in range(3)]
        ball(0.4, (dice.uniform(-6, 6), dice.uniform(-2, 10), 0.4), material((0.7, 0.7, 0.7), dice.uniform(0, 0.6), Metallic=number % 2))
    grow(ball(1, (0, 1, 1), material((0.9, 0.6, 0.2), 0.2, Metallic=1.0)), 0.5, 2)


def chaos():
    """A shader that turns the last bits of a float into colours: no two kernels agree on it."""
    look = material((0.5, 0.5, 0.5), 0.8)
    nodes, links = look.node_tree.nodes, look.node_tree.links
    place = nodes.new("ShaderNodeNewGeometry")
    mix = nodes.new("ShaderNodeVectorMath")
    mix.operation = "DOT_PRODUCT"
    mix.inputs[1].default_value = (12.9898, 78.233, 37.719)
    links.new(place.outputs["Position"], mix.inputs[0])
    value = mix.outputs["Value"]
    for operation, factor in (("SINE", 0), ("MULTIPLY", 1e8), ("FRACT", 0)):
        step = nodes.new("ShaderNodeMath")
        step.operation = operation
        step.inputs[1].default_value = factor
        links.new(value, step.inputs[0])
        value = step.outputs["Value"]
    links.new(value, nodes["Principled BSDF"].inputs["Base Color"])
    floor(look), sun()
    grow(ball(1.2, (0, 0, 1.2), look), 0.5, 2)


SCENES = (glass, room, crowd, skin, fog, pattern, hair, lamps, chaos)
{each.__name__: each for each in SCENES}[NAME]()
world = bpy.data.worlds.new("sky")
world.use_nodes = True
world.node_tree.nodes["Background"].inputs[0].default_value = (0.3, 0.4, 0.6, 1)
scene.world = world
bpy.ops.object.camera_add(location=(0, -8, 3), rotation=(math.radians(76), 0, 0))
scene.camera = bpy.context.object
scene.render.engine, scene.render.image_settings.file_format = "CYCLES", "PNG"
scene.render.resolution_x, scene.render.resolution_y = 160, 90
scene.frame_start, scene.frame_end = 1, LAST
scene.cycles.samples, scene.cycles.seed = 128, 5
scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
bpy.ops.wm.save_as_mainfile(filepath=OUT)
