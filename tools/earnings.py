#!/usr/bin/env python3
"""earnings.py: who earns what while some owners cheat: runs sublet-cheats, draws docs/img/cheaters.svg, prints a table in Markdown.

usage: tools/earnings.py [PROGRAM] [OPTION…]   (else build/sim/sublet-cheats or build/sublet-cheats; options go to it)
"""
import json
import pathlib
import subprocess
import sys

import plot

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORDS = {
    "alone": "cheats, alone", "late": "only after ten passes", "lazy": "lazy auditors", "together": "colluding", "again": "under a new name each time"}


def main():
    args = sys.argv[1:]
    found = [ROOT / "build/sublet-cheats", ROOT / "build/sim/sublet-cheats"]
    program = args.pop(0) if args and not args[0].startswith("-") else next((str(p) for p in found if p.exists()), "")
    if not program:
        print("there is no program sublet-cheats: ninja -C build sublet-cheats", file=sys.stderr)
        return 2
    rows = []
    with subprocess.Popen([program, *args], stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            if line.startswith("{"):
                rows.append(json.loads(line))
                print(f"… {rows[-1]['cheat']}, {rows[-1]['percent']} %", file=sys.stderr)
    if run.returncode != 0 or not rows:
        return 1
    kinds = [kind for kind in WORDS if any(row["cheat"] == kind for row in rows)]
    lines = {}
    for kind in ("alone", "together"):
        of = [row for row in rows if row["cheat"] == kind]
        lines[f"honest, beside {kind}"] = [(row["percent"], row["honest"] / 1000) for row in of]
        lines[f"cheats, {kind}"] = [(row["percent"], row["cheats"] / 1000) for row in of if row["percent"] > 0]
    shape = {"x": "owners who cheat, percent", "y": "gain of an owner, in pays of a task", "lines": lines}
    (ROOT / "docs/img/cheaters.svg").write_text(plot.curve("Who earns what while some cheat", shape))
    print("| cheats | of all | an honest owner gains | a cheat gains | wrong results paid | honest owners slashed | cheats slashed | tasks until found |")
    print("|---|---|---|---|---|---|---|---|")
    for kind in kinds:
        for row in rows:
            if row["cheat"] == kind:
                print(f"| {WORDS[kind]} | {row['percent']} % | {row['honest'] / 1000:.1f} | {row['cheats'] / 1000:.1f} | "
                      f"{row['wrong']} of {row['right'] + row['wrong']} | {row['honest_slashed']} | {row['cheats_slashed']} | {row['found_after']:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
