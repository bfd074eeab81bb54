#!/usr/bin/env python3
"""symbols.py: no object of the deterministic rooms asks the linker for a clock, randomness, a hash map, a thread or the maths library.

Usage: symbols.py BUILD_FOLDER (that of preset det). Exit 1 with findings, 2 where a room has no object to look at.
"""
import pathlib
import re
import subprocess
import sys

ROOMS = re.search(r"SUBLET_DETERMINISTIC ([\w ]+)\)", pathlib.Path("cmake/SubletLayer.cmake").read_text()).group(1).split()
FORBIDDEN = [
    (re.compile(r"\b(system_clock|steady_clock|high_resolution_clock)\b|^(clock_gettime|gettimeofday|time|clock)$"), "the block's time"),
    (re.compile(r"\brandom_device\b|^(rand|srand|random|getrandom|arc4random)$"), "nothing random"),
    (re.compile(r"_Prime_rehash_policy|_Hash_bytes"), "std::map or a sorted vector"),
    (re.compile(r"^pthread_create$|\bstd::thread\b"), "one thread"),
    (re.compile(r"^(pow|exp|exp2|log|log2|log10|sqrt|sin|cos|tan|floor|ceil|round|fmod)f?l?$"), "integer maths"),
    (re.compile(r"^(getenv|secure_getenv|open|fopen|socket|setlocale|strtod|strtof)$"), "an argument"),
]


def forbidden(line):
    """What to use instead, for one line of `nm -C --undefined-only`; None where the symbol is fine."""
    name = re.sub(r"^\s*[Uw]\s+", "", line).split("@")[0].strip()
    return next((instead for pattern, instead in FORBIDDEN if pattern.search(name)), None)


def main(arguments):
    if len(arguments) != 1:
        print(__doc__)
        return 64
    objects = []
    for room in ROOMS:
        # Sources are compiled several at a time: an object may be all of a room.
        found = sorted(pathlib.Path(arguments[0]).glob(f"CMakeFiles/sublet_{room}.dir/**/*.o"))
        if not found:
            print(f"{arguments[0]}: no object of {room}; build it first: cmake --preset det && cmake --build --preset det")
            return 2
        objects += found
    bad = 0
    for file in objects:
        text = subprocess.run(["nm", "-C", "--undefined-only", str(file)], capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            instead = forbidden(line)
            if instead:
                bad += 1
                print(f"{file}: {line.strip()}: write {instead}")
    print(f"{len(objects)} objects looked at, {bad} findings")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
