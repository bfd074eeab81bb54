// preflight_pack.cpp: what preflight asks of the files that a scene needs, and the copy that travels with them; a
// program that Blender runs. Spec: docs/spec/rendering.md (preflight).
#include "jobs/preflight_parts.hpp"

namespace sublet::jobs {
namespace {

constexpr std::string_view kPreflightPackScript =
    R"py(# --- files

BESIDE = []  # (file or folder, how the scene is told where it is, place, files of a sequence or None)
PACKED = []
ELSEWHERE = ("put it there, or take what uses it out of the scene; it is there? Only the scene's folder was seen: "
             "name another with --assets FOLDER")


def look_at_files():
    for library in bpy.data.libraries:
        look_at_library(library)
    for block in bpy.data.user_map():
        if block.override_library and block.override_library.reference and block.override_library.reference.library:
            say("error", "override", "it overrides what a library gives, which cannot be copied into the scene that "
                "travels", named(block), "in a copy of the scene: Object > Relations > Make Local > All")
    for image in used(bpy.data.images):
        if image.source in ("FILE", "TILED", "SEQUENCE", "MOVIE") and not image.packed_file:
            look_at_image(image)
    for font in used(bpy.data.fonts):
        if font.filepath != "<builtin>" and not font.packed_file:
            look_at_file(font, font.filepath, named(font), PACKED, None, is_font)
    for volume in used(bpy.data.volumes):
        if not volume.packed_file:
            look_at_file(volume, volume.filepath, named(volume), BESIDE if volume.is_sequence else PACKED,
                         lambda moved, volume=volume: setattr(volume, "filepath", moved), is_volume, volume.is_sequence)
    for clip in used(bpy.data.movieclips):
        look_at_file(clip, clip.filepath, named(clip), BESIDE,
                     lambda moved, clip=clip: setattr(clip, "filepath", moved), None, clip.source == "SEQUENCE")
    for cache in used(bpy.data.cache_files):
        look_at_file(cache, cache.filepath, named(cache), BESIDE,
                     lambda moved, cache=cache: setattr(cache, "filepath", moved), None, cache.is_sequence)
    for scene in bpy.data.scenes:
        for strip in (scene.sequence_editor.sequences_all if scene.sequence_editor else ()):
            if strip.type in ("IMAGE", "MOVIE") and scene.render.use_sequencer and not strip.mute:
                say("error", "sequencer", "the sequencer shows pictures or videos of this machine, which do not travel",
                    f"Scene \"{scene.name}\", strip \"{strip.name}\"",
                    "switch Output Properties > Post Processing > Sequencer off, and cut the frames afterwards")


def look_at_library(library):
    path = path_of(library)
    if not os.path.isfile(path):
        say("error", "missing", f"the library {path} is not there", named(library), ELSEWHERE)
    else:
        look_at_path(library, library.filepath, named(library))
        say("note", "library", f"what it gives is copied into the scene that travels ({path})", named(library))
        look_at_links(library, path)


def look_at_links(library, path):
    with bpy.data.libraries.load(path, link=True) as (there, _):
        names = {kind: set(getattr(there, kind)) for kind in dir(there)}
    for kind, known in names.items():
        for block in getattr(bpy.data, kind, ()):
            if block.library == library and block.name not in known:
                say("error", "missing", f"the library {path} has no such thing", named(block),
                    "link it again, or remove it")


def look_at_image(image):
    place, tell = named(image), lambda moved: setattr(image, "filepath", moved)
    if image.source == "MOVIE":
        look_at_file(image, image.filepath, place, BESIDE, tell)
    elif image.source == "SEQUENCE":
        look_at_file(image, image.filepath, place, BESIDE, tell, None, True)
    elif image.source == "TILED":
        for tile in image.tiles:
            name = image.filepath.replace("<UDIM>", str(tile.number)).replace(
                "<UVTILE>", f"u{(tile.number - 1001) % 10 + 1}_v{(tile.number - 1001) // 10 + 1}")
            look_at_file(image, name, f"{place}, tile {tile.number}", PACKED, None, is_picture)
    else:
        look_at_file(image, image.filepath, place, PACKED, None, lambda path: image.size[0] > 0)


def look_at_path(block, path, place):
    if not path.startswith("//"):
        say("note", "absolute-path", f"its path {path} holds on this machine alone; in the scene that travels it does "
            "not matter", place, "File > External Data > Make All Paths Relative")


def look_at_file(block, path, place, there, tell, is_right=None, sequence=False):
    """`there`: PACKED, what Blender packs into the scene, or BESIDE, what is laid beside it."""
    full = path_of(block, path)
    files = files_of_sequence(full) if sequence else None
    if not path or not (files or os.path.isfile(full)):
        say("error", "missing", f"the file {full} is not there" if path else "it names no file", place, ELSEWHERE)
        return
    if is_right and not is_right(full):
        say("error", "unreadable", f"the file {full} is not what it is said to be: Blender cannot read it", place,
            "replace it, or take what uses it out of the scene")
        return
    look_at_path(block, path, place)
    if sequence:
        say("note", "sequence", f"the {len(files)} files of the sequence {full} travel beside the scene", place)
    there.append((full, tell, place, files))


def files_of_sequence(path):
    folder, name = os.path.split(path)
    parts = re.fullmatch(r"(.*?)(\d+)(\D*)", name, re.S)
    if not parts or not os.path.isdir(folder):
        return []
    wanted = re.compile(re.escape(parts[1]) + r"\d+" + re.escape(parts[3]))
    return sorted(os.path.join(folder, each) for each in os.listdir(folder)
                  if wanted.fullmatch(each) and os.path.isfile(os.path.join(folder, each)))


def starts_with(path, *beginnings):
    with open(path, "rb") as file:
        return file.read(8).startswith(beginnings)


def is_font(path):
    return starts_with(path, b"\0\1\0\0", b"OTTO", b"ttcf", b"true", b"%!", b"\x80\1", b"wOF")


def is_volume(path):
    return starts_with(path, b" BDV\0\0\0\0")


def is_picture(path):
    probe = bpy.data.images.load(path)
    good = probe.size[0] > 0
    bpy.data.images.remove(probe)
    return good


# --- the copy that travels

def copy_tree(source, target):
    """Files and folders alone, no links: what a link leads to may lie anywhere."""
    for folder, folders, files in os.walk(source):
        folders[:] = [each for each in folders if not os.path.islink(os.path.join(folder, each))]
        below = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(below, exist_ok=True)
        for each in files:
            if not os.path.islink(os.path.join(folder, each)):
                copy(os.path.join(folder, each), below)


def copy(source, folder):
    import shutil
    os.makedirs(folder, exist_ok=True)
    shutil.copyfile(source, os.path.join(folder, os.path.basename(source)))


def lay_beside():
    """Copies what cannot be packed, and tells the scene where it will be once it is saved."""
    numbers = {}
    for path, tell, place, files in BESIDE:
        if tell is None:  # point caches: found by the name of the scene
            copy_tree(path, f"{OUT}/scene/{os.path.basename(path)}")
            say("note", "beside", f"the cache {path} travels beside the scene", place)
            continue
        number = numbers.setdefault(os.path.dirname(path), len(numbers) + 1)
        target = f"{OUT}/scene/beside/{number}"
        if os.path.isdir(path):
            copy_tree(path, f"{target}/{os.path.basename(path)}")
        for each in files or ([path] if os.path.isfile(path) else []):
            copy(each, target)
        if not files:
            say("note", "beside", f"{path} travels beside the scene", place)
        tell(f"//beside/{number}/{os.path.basename(path)}")


def make_local():
    for _ in range(8):  # what a library links itself comes after it
        for each in [each for each in bpy.data.user_map() if each.library]:
            each.make_local()
    bpy.data.orphans_purge(do_local_ids=False, do_linked_ids=True, do_recursive=True)
    for library in list(bpy.data.libraries):
        bpy.data.libraries.remove(library)


def pack():
    name = os.path.basename(PLAN["scene"])
    if bpy.data.libraries:
        make_local()
    for sound in list(bpy.data.sounds):  # frames are silent
        bpy.data.sounds.remove(sound)
    lay_beside()
    if PACKED:
        bpy.ops.file.pack_all()
    for path, _, place, _ in PACKED:
        say("note", "packed", f"{path} is packed into the scene that travels", place)
    os.makedirs(f"{OUT}/scene", exist_ok=True)
    bpy.ops.wm.save_as_mainfile(filepath=f"{OUT}/scene/{name}", relative_remap=False)
    look_at_copy(name)


def look_at_copy(name):
    bpy.ops.wm.open_mainfile(filepath=f"{OUT}/scene/{name}", load_ui=False, use_scripts=False)
    for path in bpy.utils.blend_paths(absolute=True, packed=False, local=False):
        if not os.path.basename(os.path.normpath(path)).strip("."):
            continue  # the name of a cache that has none
        if not os.path.normpath(path).startswith(f"{OUT}/scene/") or not os.path.exists(path):
            say("error", "left", f"the scene still needs {os.path.normpath(path)}, which cannot travel", name,
                "pack it (File > External Data) or take what uses it out of the scene")


# --- memory

def estimate_memory():
    """Rough: Blender, triangles as Cycles keeps them (with their tree), pixels of pictures, the frame's own buffers."""
    graph = bpy.context.evaluated_depsgraph_get()
    seen, bytes_of = set(), 260 << 20
    for instance in graph.object_instances:
        thing = instance.object
        bytes_of += 1 << 10
        if thing.type == "MESH" and thing.data.as_pointer() not in seen:
            seen.add(thing.data.as_pointer())
            finer = sum(each.render_levels - each.levels for each in thing.modifiers if each.type == "SUBSURF")
            bytes_of += (len(thing.data.loops) * 350) * 4 ** max(0, finer)
    for image in used(bpy.data.images):
        if image.source != "VIEWER":
            bytes_of += image.size[0] * image.size[1] * (16 if image.is_float else 4)
    bytes_of += FACTS["width"] * FACTS["height"] * 16 * 8
    FACTS["memory_bytes"] = min(bytes_of, 1 << 50)
    if bytes_of > PLAN["memory_bytes"]:
        say("warning", "memory", f"a frame takes about {bytes_of >> 20} MiB, and a task has "
            f"{PLAN['memory_bytes'] >> 20} MiB", f"Scene \"{bpy.context.scene.name}\"", "--memory")


def look():
    bpy.context.preferences.filepaths.save_version = 0  # no backup beside the copy
    try:
        bpy.ops.wm.open_mainfile(filepath=PLAN["scene"], load_ui=False, use_scripts=False)
    except RuntimeError as trouble:
        say("error", "unreadable", f"Blender cannot open it: {trouble}", PLAN["scene"],
            "open it here with Blender " + bpy.app.version_string + " and save it again")
        return False
    scene = bpy.context.scene
    look_at_engine(scene), look_at_output(scene), look_at_scripts(), look_at_nodes(scene)
    look_at_simulations(), look_at_files(), estimate_memory()
    if PLAN["audit"]:
        look_at_audit(scene)
    if any(each["severity"] == "error" for each in FINDINGS):
        return False
    if PACKED or BESIDE or bpy.data.libraries:
        pack()
        return not any(each["severity"] == "error" for each in FINDINGS)
    return False


try:
    write(look())
except Exception:
    traceback.print_exc()
    sys.exit(1)
)py";

}  // namespace

std::string_view preflight_pack_script() { return kPreflightPackScript; }

}  // namespace sublet::jobs
