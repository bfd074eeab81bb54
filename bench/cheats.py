"""cheats.py: workers that cheat, on pictures that Blender really rendered, judged by the program's own rules.

cheats.py JUDGE WORK [--spec FILE --curve FILE --scenes N --audits N]: JUDGE is build/bench/cheats. Honest variation is every kind of
kernel that this processor has (SSE2, SSE4.1, AVX2) with 1, 2 and 4 threads, each frame twice; cheats are what saves work. Auditors' crops are
rendered by the audit turn of render.py. What comes out replaces the lines between the markers of the spec page.
"""
import argparse
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import cheats_tables

ROOT = cheats_tables.ROOT
IMAGE = "docker.io/sublet/blender:3.4"
SCENES = ("glass", "room", "crowd", "skin", "fog", "pattern", "hair", "lamps")
OFF = ("AVX2", "AVX", "SSE41", "SSE3")
CLASSES = {"avx2": 0, "sse4.1": 2, "sse2": 4}  # how many of OFF are switched off
THREADS = (1, 2, 4)
SIZE, SCALE, SAMPLES, FRAME = (192, 108), 120, 64, 12
PARTS = 8
SHARES = (0.05, 0.1, 0.2, 0.3, 0.5)
# How much of the work a cheat saves; what it does to the picture is below.
WHOLE = {"63 of 64 samples": 1 / 64, "60 of 64 samples": 1 / 16, "56 of 64 samples": 1 / 8, "48 of 64 samples": 1 / 4, "32 of 64 samples": 1 / 2,
         "half the resolution, upscaled": 3 / 4, "32 of 64 samples, blurred": 1 / 2, "16 of 64 samples, median filter": 3 / 4,
         "16 of 64 samples, bilateral filter": 3 / 4, "another seed": 1, "a frame near by": 1, "another worker's scene": 1, "black": 1, "cut off in the middle": 1}
# Rendered by a worker that changed the program: name -> samples, percent of the size, seed added, frame.
RENDERED = {"63 of 64 samples": (63, 100, 0, FRAME), "60 of 64 samples": (60, 100, 0, FRAME), "56 of 64 samples": (56, 100, 0, FRAME),
            "48 of 64 samples": (48, 100, 0, FRAME), "32 of 64 samples": (32, 100, 0, FRAME), "16 of 64 samples": (16, 100, 0, FRAME),
            "half size": (64, 50, 0, FRAME), "another seed": (64, 100, 1, FRAME), "a frame near by": (64, 100, 0, FRAME - 2)}
EDITED = ("half the resolution, upscaled", "32 of 64 samples, blurred", "16 of 64 samples, median filter", "16 of 64 samples, bilateral filter")
CHEAT = """
import bpy
scene = bpy.context.scene
render, cycles = scene.render, scene.cycles
render.dither_intensity, render.use_persistent_data = 0, True
seed = cycles.seed
for number, (samples, size, more, frame) in enumerate({jobs!r}):
    cycles.samples, cycles.seed, render.resolution_percentage = samples, seed + more, {scale} * size // 100
    scene.frame_set(frame)
    render.image_settings.file_format = "PNG"
    render.filepath = f"/task/out/{{number}}.png"
    bpy.ops.render.render(write_still=True)
render.image_settings.file_format, render.image_settings.color_depth = "OPEN_EXR", "32"
render.resolution_percentage, cycles.seed = {scale}, seed
scene.frame_set({frame})
for name, samples, offset, size in (("fewer", 6, 16, 100), ("half", 4, 16, 100), ("small", 8, 16, 50)):
    cycles.samples, cycles.sample_offset, render.resolution_percentage = samples, offset, {scale} * size // 100
    render.filepath = f"/task/out/{{name}}.exr"
    bpy.ops.render.render(write_still=True)
cycles.sample_offset, cycles.samples, render.resolution_percentage = 0, 16, {scale} // 2
for more in (0, 1):
    cycles.seed = seed + more
    render.filepath = f"/task/out/noise-{{more}}.exr"
    bpy.ops.render.render(write_still=True)
"""
UPSCALE = """
import bpy
for name, steps in (("small", "up"), ("half", "blur")):
    image = bpy.data.images.load(f"/task/out/{name}.exr")
    image.colorspace_settings.name = "Non-Color"
    width, height = image.size
    pixels = list(image.pixels)
    at = lambda x, y: pixels[(min(y, height - 1) * width + min(x, width - 1)) * 4:][:4]
    if steps == "up":
        wide, high = {size!r}
        out = [value for y in range(high) for x in range(wide) for value in at(x * width // wide, y * height // high)]
    else:
        wide, high = width, height
        out = [(a + b + c + d) / 4 for y in range(high) for x in range(wide)
               for a, b, c, d in zip(at(x, y), at(x + 1, y), at(x, y + 1), at(x + 1, y + 1))]
    made = bpy.data.images.new("made", wide, high, alpha=True, float_buffer=True)
    made.colorspace_settings.name = "Non-Color"
    made.pixels = out
    made.file_format = "OPEN_EXR"
    made.filepath_raw = f"/task/out/{steps}.exr"
    made.save()
"""


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Judge:
    """The program's rules, asked line by line."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **question):
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def compare(self, theirs, crops, own, size=SIZE):
        return self.ask(what="compare", theirs=str(theirs), width=size[0], height=size[1], crops=crops, own=[str(each) for each in own])


# --- running Blender

def container(folder, command, env=()):
    environment = [word for each in env for word in ("-e", each)]
    run = subprocess.run(["podman", "run", "--rm", "--network", "none", "-w", "/task", *environment, "-v", f"{folder}/in:/task/in:ro", "-v",
                          f"{folder}/todo:/task/todo", "-v", f"{folder}/out:/task/out", IMAGE, *command], capture_output=True, text=True)
    if run.returncode:
        raise RuntimeError(f"Blender in {folder}: {run.stdout[-500:]} {run.stderr[-500:]}")


def fresh(work, *names):
    """An empty folder for a container."""
    folder = work.joinpath(*names)
    shutil.rmtree(folder, ignore_errors=True)
    for each in ("in/scene", "todo", "out"):
        (folder / each).mkdir(parents=True)
    return folder


def blender(threads):
    return ["blender", "-b", "--factory-startup", "--disable-autoexec", "-noaudio", "-t", str(threads)]


def env_of(kernel):
    return [f"CYCLES_CPU_NO_{each}=1" for each in OFF[:CLASSES[kernel]]]


def session(work, scene, name, turns, kernel="avx2", threads=1, **plan):
    """Turns of render.py as an agent runs them; (index, word, crops or None). The folder that results lie in."""
    done = [work / scene / name / f"out/{index}.done" for index, _, _ in turns]
    if all(each.exists() and each.read_text() == "0" for each in done):  # of a run that was ended
        return work / scene / name / "out"
    folder = fresh(work, scene, name)
    whole = {"format": "PNG", "samples": SAMPLES, "scale": SCALE, "still": None, "audit": True, **plan}
    (folder / "in/plan.json").write_text(json.dumps(whole))
    shutil.copy(work / f"{scene}.blend", folder / "in/scene")
    shutil.copy(work / "render.py", folder / "in")
    for number, (index, word, crops) in enumerate(turns, 1):
        if crops:
            (folder / f"todo/{number}.crops").write_text(json.dumps(crops))
        (folder / f"todo/{number}").write_text(f"{index} {word}{' crops' if crops else ''}\n")
    (folder / f"todo/{len(turns) + 1}").write_text("end\n")
    container(folder, [*blender(threads), f"/task/in/scene/{scene}.blend", "--python-exit-code", "1", "--python", "/task/in/render.py"], env_of(kernel))
    for index, _, _ in turns:
        done = folder / f"out/{index}.done"
        if not done.exists() or done.read_text() != "0":
            raise RuntimeError(f"{scene}, {name}: task {index} failed: {(folder / f'out/{index}.log').read_text()[-500:]}")
    return folder / "out"


def render_script():
    text = (ROOT / "src/jobs/render_script.cpp").read_text()
    return text[text.index('R"py(') + 5:text.index(')py";')]


# --- pictures, as a cheat edits them

def read_png(file):
    data, at, packed = pathlib.Path(file).read_bytes(), 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + length]
        if kind == b"IHDR":
            width, height, _, color = struct.unpack(">IIBB", body[:10])
        packed += body if kind == b"IDAT" else b""
        at += length + 12
    step = {2: 3, 6: 4}[color]
    raw, rows, before = zlib.decompress(packed), [], bytes(width * step)
    for y in range(height):
        line = bytearray(raw[y * (width * step + 1):(y + 1) * (width * step + 1)])
        kind, line = line[0], line[1:]
        for i in range(len(line)):
            left = line[i - step] if i >= step else 0
            up, corner = before[i], before[i - step] if i >= step else 0
            if kind == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
            line[i] = (line[i] + (0, left, up, (left + up) // 2, near if kind == 4 else 0)[kind]) & 255
        before = bytes(line)
        rows.append([tuple(line[x * step:(x + 1) * step]) for x in range(width)])
    return rows


def write_png(file, rows):
    step = len(rows[0][0])
    raw = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    out = b"\x89PNG\r\n\x1a\n"
    for kind, body in ((b"IHDR", struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, {3: 2, 4: 6}[step], 0, 0, 0)), (b"IDAT", zlib.compress(raw, 6)),
                       (b"IEND", b"")):
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    pathlib.Path(file).write_bytes(out)


def filtered(rows, choose):
    """choose(nine pixels, the middle one first) for every pixel."""
    high, wide = len(rows), len(rows[0])
    near = (0, -1, 1)
    return [[choose([rows[min(max(y + b, 0), high - 1)][min(max(x + a, 0), wide - 1)] for b in near for a in near]) for x in range(wide)]
            for y in range(high)]


def mean(pixels):
    return tuple(sum(values) // len(pixels) for values in zip(*pixels))


def median(pixels):
    return tuple(sorted(values)[len(pixels) // 2] for values in zip(*pixels))


def bilateral(pixels):
    return mean([each for each in pixels if max(abs(a - b) for a, b in zip(each, pixels[0])) < 30])


def upscaled(rows, size):
    """Bilinear."""
    (wide, high), h, w = size, len(rows), len(rows[0])

    def at(x, y):
        fx, fy = max(0, (x + 0.5) * w / wide - 0.5), max(0, (y + 0.5) * h / high - 0.5)
        x0, y0 = int(fx), int(fy)
        x1, y1, a, b = min(x0 + 1, w - 1), min(y0 + 1, h - 1), fx - x0, fy - y0
        return tuple(round((1 - b) * ((1 - a) * p + a * q) + b * ((1 - a) * r + a * s))
                     for p, q, r, s in zip(rows[y0][x0], rows[y0][x1], rows[y1][x0], rows[y1][x1]))
    return [[at(x, y) for x in range(wide)] for y in range(high)]


def make_cheats(work, scene):
    """Files of whole-frame cheats of a scene, by name; "another worker's scene" and "black" come later."""
    kept = work / scene / "cheats/out"
    again = {name: kept / f"{number}.png" for number, name in enumerate(RENDERED)}
    again |= {name: kept / f"edited-{number}.png" for number, name in enumerate(EDITED)}
    if all(each.exists() for each in again.values()):
        return again
    folder = fresh(work, scene, "cheats")
    shutil.copy(work / f"{scene}.blend", folder / "in/scene")
    (folder / "in/cheat.py").write_text(CHEAT.format(jobs=list(RENDERED.values()), scale=SCALE, frame=FRAME) + UPSCALE.replace("{size!r}", repr(SIZE)))
    container(folder, [*blender(1), f"/task/in/scene/{scene}.blend", "--python-exit-code", "1", "--python", "/task/in/cheat.py"])
    out = {name: folder / f"out/{number}.png" for number, name in enumerate(RENDERED)}
    edits = (lambda: upscaled(read_png(out["half size"]), SIZE), lambda: filtered(read_png(out["32 of 64 samples"]), mean),
             lambda: filtered(read_png(out["16 of 64 samples"]), median), lambda: filtered(read_png(out["16 of 64 samples"]), bilateral))
    for number, (name, edit) in enumerate(zip(EDITED, edits)):
        out[name] = folder / f"out/edited-{number}.png"
        write_png(out[name], edit())
    return out


def partial(honest, cheat, share, dice):
    """A rectangle of the frame's shape that has `share` of its pixels, somewhere."""
    high, wide = len(honest), len(honest[0])
    h, w = round(high * share ** 0.5), round(wide * share ** 0.5)
    y, x = dice.randrange(high - h + 1), dice.randrange(wide - w + 1)
    return [honest[row] if not y <= row < y + h else honest[row][:x] + cheat[row][x:x + w] + honest[row][x + w:] for row in range(high)]


# --- one scene

class Scene:
    def __init__(self, args, judge, name):
        self.args, self.judge, self.name, self.work = args, judge, name, args.work
        self.frames, self.crops, self.places = {}, {}, {}

    def render(self):
        """All that needs Blender: honest frames twice, cheats, auditors' crops, parts of a still."""
        self.cheats = make_cheats(self.work, self.name)
        folder = self.work / self.name / "cheats/out"
        self.map = self.judge.ask(what="map", pairs=[[str(folder / "noise-0.exr"), str(folder / "noise-1.exr")]])
        for kernel in CLASSES:
            for threads in THREADS:
                drawn = [self.judge.ask(what="crops", seed=f"{self.name}/{kernel}/{threads}/{audit}", width=SIZE[0], height=SIZE[1], map=self.map)
                         for audit in range(self.args.audits)]
                turns = [(turn, FRAME, None) for turn in range(1 if threads == 1 else 2)]  # one thread gives the same again
                out = session(self.work, self.name, f"{kernel}-{threads}", turns + [(10 + audit, FRAME, crops) for audit, crops in enumerate(drawn)],
                              kernel, threads)
                self.frames[kernel, threads] = [out / f"{turn}/{FRAME:04d}.png" for turn, _, _ in turns]
                self.places[kernel, threads] = drawn
                self.crops[kernel, threads] = [[out / f"{10 + audit}/crop-{n}.png" for n in range(len(crops))] for audit, crops in enumerate(drawn)]
        still = {"by": "samples", "frame": FRAME, "columns": PARTS, "rows": 1, "samples": SAMPLES}
        out = session(self.work, self.name, "parts", [(part, part, None) for part in range(PARTS)], still=still)
        self.parts = [out / f"{part}/part.exr" for part in range(PARTS)]
        say(f"{self.name}: rendered")

    def audits(self, file, kernel, but=None):
        """What every auditor of a class says of a file, `but` the one that ran in the session that rendered it."""
        for (own, threads), drawn in self.places.items():
            if own == kernel and (own, threads) != but:
                for audit, crops in enumerate(drawn):
                    yield self.judge.compare(file, crops, self.crops[own, threads][audit])

    def honest(self, worker, auditor):
        return [found for who, files in self.frames.items() if who[0] == worker for file in files for found in self.audits(file, auditor, who)]

    def unstable(self):
        """T24 as preflight checks it: crops of the machine's own class against those of the pinned profile."""
        return any(found["verdict"] != "pass" for found in self.audits(self.frames["sse2", 1][0], "avx2"))

    def whole_cheats(self, others):
        black = self.work / self.name / "cheats/out/black.png"
        rows = read_png(self.frames["avx2", 1][0])
        write_png(black, [[(0, 0, 0, 255)[:len(rows[0][0])]] * SIZE[0]] * SIZE[1])
        cut = self.work / self.name / "cheats/out/cut.png"
        whole = self.frames["avx2", 1][0].read_bytes()
        cut.write_bytes(whole[:len(whole) // 2])
        files = {**self.cheats, "black": black, "cut off in the middle": cut, "another worker's scene": others}
        return {name: [found["verdict"] == "fail" for found in self.audits(files[name], "avx2")] for name in WHOLE}

    def part_cheats(self):
        dice = random.Random(self.name)
        honest, cheat = read_png(self.frames["avx2", 1][0]), read_png(self.cheats["16 of 64 samples"])
        file, out = self.work / self.name / "cheats/out/partial.png", {}
        for share in SHARES:
            out[share] = []
            for _ in range(self.args.places):
                write_png(file, partial(honest, cheat, share, dice))
                out[share] += [found["verdict"] == "fail" for found in self.audits(file, "avx2")]
        return out

    def cross_check(self):
        """Honest parts, then each way to cheat on part 3: how often it is suspected, and how often another one is."""
        folder = self.work / self.name / "cheats/out"
        rows = {"honest": self.parts[2], "6 of 8 samples": folder / "fewer.exr", "4 of 8 samples": folder / "half.exr",
                "4 of 8 samples, blurred": folder / "blur.exr", "half the resolution, upscaled": folder / "up.exr", "another's part": self.parts[5]}
        out = {}
        for name, file in rows.items():
            found = self.judge.ask(what="parts", samples=SAMPLES // PARTS, parts=[str(file if part == 2 else each) for part, each in enumerate(self.parts)])
            if found["error"]:
                raise RuntimeError(f"{self.name}, {name}: {found['error']}")
            wrong = [part for part, _ in found["suspicious"] if part != 2 and not (name == "another's part" and part == 5)]
            out[name] = {"found": any(part == 2 for part, _ in found["suspicious"]), "wrong": len(wrong), "noise": found["noise"][2] if found["noise"] else None}
        return out


def audit_cost(args, name):
    """Seconds of a frame of 480 x 270 and of audits of it, in a session that is warm."""
    seeds = range(6)
    judge = Judge(args.judge)
    turns = [(0, FRAME, None), (1, FRAME, None)]
    turns += [(2 + at, FRAME, judge.ask(what="crops", seed=f"cost/{at}", width=480, height=270, map=None)) for at in seeds]
    out = session(args.work, name, "cost", turns, scale=300)
    ends = [(out / f"{index}.done").stat().st_mtime for index, _, _ in turns]
    frame = ends[1] - ends[0]
    audits = [after - before for before, after in zip(ends[1:], ends[2:])]
    return {"frame": frame, "audit": sorted(audits)[len(audits) // 2]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("judge")
    parser.add_argument("work", type=pathlib.Path)
    parser.add_argument("--spec", type=pathlib.Path, default=ROOT / "docs/spec/verification.md")
    parser.add_argument("--curve", type=pathlib.Path, default=ROOT / "docs/img/cheats.svg")
    parser.add_argument("--scenes", default=",".join(SCENES))
    parser.add_argument("--audits", type=int, default=6, help="of each auditor and scene")
    parser.add_argument("--places", type=int, default=12, help="of each partial cheat")
    args = parser.parse_args()
    args.size, args.samples = SIZE, SAMPLES
    (args.work / "render.py").write_text(render_script())
    names = args.scenes.split(",")
    with ThreadPoolExecutor(2) as two:  # each has a judge of its own
        scenes = list(two.map(lambda name: Scene(args, Judge(args.judge), name), names))
        list(two.map(Scene.render, scenes))
    results = {}
    for at, scene in enumerate(scenes):
        honest = {}
        for worker in CLASSES:
            for auditor in CLASSES:
                found = scene.honest(worker, auditor)
                honest[f"{worker}/{auditor}"] = [sum(each["verdict"] != "pass" for each in found), len(found)]
        results[scene.name] = {"unstable": scene.unstable(), "honest": honest, "whole": scene.whole_cheats(scenes[at - 1].frames["avx2", 1][0]),
                               "partial": {str(share): hits for share, hits in scene.part_cheats().items()}, "cross": scene.cross_check()}
        say(f"{scene.name}: judged: {honest}")
    for name in names[:4]:  # alone, so that times mean something
        results[name]["cost"] = audit_cost(args, name)
    (args.work / "results.json").write_text(json.dumps(results))
    cheats_tables.report(args, results, WHOLE)


if __name__ == "__main__":
    main()
