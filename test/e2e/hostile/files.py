#!/usr/bin/env python3
"""files.py SUBLET FOLDER: hostile deployment files: an error within 2 s, within 512 MiB."""
import os
import pathlib
import resource
import subprocess
import sys
import time

from wire import row
import wire

sublet, folder = sys.argv[1], pathlib.Path(sys.argv[2])
BYTES = 512 << 20


def bomb():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    return "\n".join(lines) + "\n"


ROWS = {"aliases that double": bomb(), "an anchor in itself": "a: &a [*a]\n", "an anchor nobody set": "a: *b\n", "30,000 anchors": "\n".join(f"k{i}: &a{i} x" for i in range(30_000)) + "\n",
        "100,000 levels of lists": "[" * 100_000, "100,000 levels of maps": "{a: " * 100_000, "100,000 dashes": "- " * 100_000, "bytes that are not UTF-8": b"\xff\xfe\xfa", "NULs": b"\0" * 1000,
        "100 MB": None, "a merge bomb": "a: &a {b: c}\n" + "\n".join(f"x{i}: &x{i} {{<<: [*a, *a, *a]}}" for i in range(20_000)), "an unknown tag": "!!python/object/apply:os.system [true]\n"}


def limit():
    resource.setrlimit(resource.RLIMIT_AS, (BYTES * 4, BYTES * 4))


for name, text in ROWS.items():
    file = folder / "hostile.yaml"
    with open(file, "wb") as out:
        if text is None:
            out.truncate(100 << 20)
        else:
            out.write(text if isinstance(text, bytes) else text.encode())
    began = time.monotonic()
    with subprocess.Popen([sublet, "sdl", "check", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, preexec_fn=limit) as child:
        output = child.stdout.read(1 << 20)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    row(f"sdl check: {name}: an error after {seconds:.2f} s and {used.ru_maxrss >> 10} MiB", 0 < child.returncode < 20 and output and seconds < 2 and used.ru_maxrss < BYTES >> 10,
        (child.returncode, f"{seconds:.1f} s", used.ru_maxrss, output[:200]))
sys.exit(wire.failed)
