"""hostile_scenes.py: scenes of a creator who means harm: run with blender -b --factory-startup --python hostile_scenes.py -- FOLDER HOST.

One for each way out that a scene has: a text that runs by itself, drivers that call Python, places to write to and files to read that are not
the scene's. HOST is a folder of the machine with a file called secret. 8 x 8 pixels, one sample.
"""
import os
import sys

import bpy

folder, host = sys.argv[sys.argv.index("--") + 1:][:2]
OWN = "import os\nfor each in ('/task/out/owned', '/tmp/owned', '{0}/owned'): os.system('echo owned >' + each)\n".format(host)


def scene(name):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    made = bpy.context.scene
    made.render.engine = "CYCLES"
    made.cycles.samples, made.cycles.use_denoising = 1, False
    made.render.resolution_x = made.render.resolution_y = 8
    made.render.image_settings.file_format = "PNG"
    bpy.ops.object.camera_add(location=(0, -5, 0), rotation=(1.57, 0, 0))
    made.camera = bpy.context.object
    bpy.ops.mesh.primitive_cube_add()
    return made, os.path.join(folder, name + ".blend")


def save(path):
    bpy.ops.wm.save_as_mainfile(filepath=path, compress=False)


def picture(path):
    """A picture that the cube's material shows, wherever it lies."""
    bpy.data.images.new("picture", 4, 4)
    made = bpy.data.images["picture"]
    made.source, made.filepath = "FILE", path
    material = bpy.data.materials.new("shows it")
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = made
    material.node_tree.links.new(node.outputs[0], material.node_tree.nodes["Principled BSDF"].inputs[0])
    bpy.context.object.data.materials.append(material)


made, path = scene("text")
text = bpy.data.texts.new("start.py")
text.from_string(OWN)
text.use_module = True
save(path)

made, path = scene("driver")
for place, words in enumerate(("__import__('os').system('echo owned >/task/out/owned') or 0", "[c for c in ().__class__.__base__.__subclasses__()].__len__() + open('/task/out/owned', 'w').write('x')")):
    bpy.context.object.driver_add("location", place).driver.expression = words
save(path)

made, path = scene("writes")
made.render.filepath = "//../../../../../../../../../.." + host + "/owned-"
made.use_nodes = True
for place in ("//../../../../../../../../../../etc/owned-", host + "/owned-", "/task/in/owned-"):
    out = made.node_tree.nodes.new("CompositorNodeOutputFile")
    out.base_path = place
    made.node_tree.links.new(made.node_tree.nodes["Render Layers"].outputs[0], out.inputs[0])
save(path)

made, path = scene("reads")
picture("//../../../../../../../../../.." + host + "/secret.png")
bpy.data.sounds.load("/etc/shadow") if os.path.exists("/etc/shadow") else None
bpy.ops.object.text_add()
library = os.path.join(folder, "library.blend")
save(path)
bpy.data.libraries.write(library, {bpy.data.meshes[0]})
with bpy.data.libraries.load(library, link=True) as (source, target):
    target.meshes = source.meshes
bpy.context.scene.collection.objects.link(bpy.data.objects.new("linked", target.meshes[0]))
for each in bpy.data.libraries:
    each.filepath = "//../../../../../../../../../../etc/passwd"
save(path)
os.remove(library)
