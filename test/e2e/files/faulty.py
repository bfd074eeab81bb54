"""faulty.py: scenes for Blender, each with one thing that a worker would stumble over.
Run with blender -b --factory-startup --python faulty.py -- FOLDER OUTSIDE (both absolute; swing.blend lies in FOLDER).
"""
import os
import sys

import bpy

folder, outside = sys.argv[sys.argv.index("--") + 1:]
bpy.context.preferences.filepaths.save_version = 0


def picture(name, colour, where=folder):
    image = bpy.data.images.new(name, 8, 8)
    image.generated_color = (*colour, 1)
    image.filepath_raw, image.file_format = f"{where}/{name}", "PNG"
    os.makedirs(os.path.dirname(image.filepath_raw), exist_ok=True)
    image.save()
    bpy.data.images.remove(image)


def fresh():
    bpy.ops.wm.open_mainfile(filepath=f"{folder}/swing.blend", load_ui=False)
    return bpy.context.scene


def show(path, material="floor", source="FILE"):
    """The floor shows the picture of this path, whether or not there is one."""
    tree = bpy.data.materials[material].node_tree
    image = bpy.data.images.new("shown", 4, 4)
    image.source, image.filepath = source, path
    node = tree.nodes.new("ShaderNodeTexImage")
    node.image = image
    if source == "SEQUENCE":
        node.image_user.frame_duration, node.image_user.use_auto_refresh = 3, True
    tree.links.new(node.outputs[0], next(each for each in tree.nodes if each.type.startswith("BSDF")).inputs[0])


def save(name):
    bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/{name}.blend", relative_remap=False)


picture("pictures/floor.png", (0.1, 0.7, 0.2))
picture("far.png", (0.1, 0.2, 0.7), outside)
for number, colour in ((1, (1, 0, 0)), (2, (0, 1, 0)), (3, (0, 0, 1))):
    picture(f"pictures/film{number:03d}.png", colour)
with open(f"{folder}/pictures/secret.png", "w") as file:
    file.write("a key, no picture")

fresh(), show("//pictures/floor.png"), save("relative")
fresh(), show(f"{folder}/pictures/floor.png"), save("absolute")
fresh(), show(f"{outside}/far.png"), save("outside")
fresh(), show("//pictures/gone.png"), save("missing")
fresh(), show("//pictures/secret.png"), save("secret")
fresh(), show("//pictures/film001.png", source="SEQUENCE"), save("sequence")

# What is linked names its picture as seen from a folder of its own.
picture("parts/grain.png", (0.9, 0.8, 0.1))
fresh(), show("//grain.png"), save("parts/stone")
for name, fault in (("library", ""), ("parts/lost", "not there"), ("unlinked", "other name")):
    fresh()
    with bpy.data.libraries.load(f"{folder}/parts/stone.blend", link=True) as (there, here):
        here.materials = ["floor"]
    bpy.data.objects["Plane"].data.materials[0] = here.materials[0]
    if fault == "other name":
        here.materials[0].name = "roof"
    here.materials[0].library.filepath = "//nowhere.blend" if fault == "not there" else "//parts/stone.blend"
    save(name)

fresh()
bpy.context.view_layer.objects.active = bpy.data.objects["Cube"]
bpy.ops.object.modifier_add(type="CLOTH")
save("cloth")
bpy.context.scene.frame_end = 3
cache = bpy.data.objects["Cube"].modifiers["Cloth"].point_cache
cache.frame_end = 3
with bpy.context.temp_override(scene=bpy.context.scene, active_object=bpy.data.objects["Cube"], point_cache=cache):
    bpy.ops.ptcache.bake(bake=True)
save("baked")
cache.use_disk_cache = True
bpy.ops.wm.save_as_mainfile(filepath=f"{folder}/disk.blend", relative_remap=False)
with bpy.context.temp_override(scene=bpy.context.scene, active_object=bpy.data.objects["Cube"], point_cache=cache):
    bpy.ops.ptcache.free_bake()
    bpy.ops.ptcache.bake(bake=True)
save("disk")

fresh()
cube = bpy.data.objects["Cube"]
cube.driver_add("scale", 0).driver.expression = "1 + sin(2)"
save("simple")
cube.driver_add("scale", 1).driver.expression = "len(str(frame))"
save("driver")

fresh()
with bpy.data.libraries.load(f"{folder}/parts/stone.blend", link=True, relative=True) as (there, here):
    here.objects = ["Sphere"]
bpy.data.scenes[0].collection.objects.link(here.objects[0])
here.objects[0].override_create(remap_local_usages=True)
save("override")

fresh()
text = bpy.data.texts.new("addon.py")
text.write("import bpy\n")
text.use_module = True
save("script")

for kind in ("SOFT_BODY", "PARTICLE_SYSTEM", "FLUID", "DYNAMIC_PAINT"):
    fresh()
    made = bpy.data.objects["Cube"].modifiers.new("Simulated", kind)
    if kind == "FLUID":
        made.fluid_type = "DOMAIN"
    if kind == "DYNAMIC_PAINT":
        with bpy.context.temp_override(active_object=bpy.data.objects["Cube"], object=bpy.data.objects["Cube"]):
            bpy.ops.dpaint.type_toggle(type="CANVAS")
    save(kind.lower())
fresh()
with bpy.context.temp_override(active_object=bpy.data.objects["Cube"], object=bpy.data.objects["Cube"]):
    bpy.ops.rigidbody.object_add()
save("rigid")

fresh().render.engine = "BLENDER_EEVEE"
save("eevee")
fresh().render.engine = "BLENDER_WORKBENCH"
save("workbench")
fresh().render.image_settings.file_format = "FFMPEG"
save("video")
fresh().cycles.use_denoising = True
save("denoised")
fresh().camera = None
save("blind")


class ForeignEngine(bpy.types.RenderEngine):
    bl_idname, bl_label = "FOREIGN", "Foreign"


bpy.utils.register_class(ForeignEngine)
fresh().render.engine = "FOREIGN"
save("engine")


class Foreign(bpy.types.ShaderNodeCustomGroup):
    bl_idname, bl_label = "ShaderNodeForeign", "Foreign"


fresh()
bpy.utils.register_class(Foreign)
bpy.data.materials["floor"].node_tree.nodes.new("ShaderNodeForeign")
save("foreign")
