#!/usr/bin/env python3
"""bench.py: builds the benchmarks in the release preset, runs them, keeps their numbers and redraws what is made of them.

usage: tools/bench.py [NAME…] [--json FILE] [--accept]

A bench is a program build/release/bench/NAME (bench/NAME.cpp) or a script bench/NAME.sh. It talks on stderr and prints
on stdout one JSON object a result:
  {"name", "value", "unit", "against", "against_value", "ratio", "goal", "goal_of": "ratio"|"value",
   "better": "higher"|"lower", "curve": optional, {"name", "title", and what plot.curve takes}}
against, against_value, ratio and goal may be null; `met` follows from the goal. A result that could not be measured has no
value, and its unit says why. docs/bench.json keeps the last result of
each name; README.md's table and docs/img/bench*.svg are made from it. --accept is for `instructions`: its counts become
the committed ones.
"""
import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bench_peers  # noqa: E402
import plot  # noqa: E402

KEPT = pathlib.Path("docs/bench.json")
README = pathlib.Path("README.md")
IMAGES = pathlib.Path("docs/img")
BUILD = pathlib.Path("build/release")
KEYS = ("name", "value", "unit", "against", "against_value", "ratio", "goal", "met")
NEEDED = ("name", "value", "unit")
MARKS = ("<!-- bench: made by ./run bench -->", "<!-- /bench -->")


def known():
    programs = {p.stem for p in pathlib.Path("bench").glob("*.cpp")}
    scripts = {p.stem for p in pathlib.Path("bench").glob("*.sh")}
    return programs, scripts


def build(names, programs, scripts):
    """Only the programs named, and the product itself where a script wants it."""
    targets = [f"bench_{name}" for name in names if name in programs]
    targets += ["sublet"] if any(needs_product(name) for name in names if name in scripts) else []
    subprocess.run(["cmake", "--preset", "release"], check=True, stdout=subprocess.DEVNULL)
    if targets:
        subprocess.run(["cmake", "--build", str(BUILD), "-j", str(os.cpu_count() or 2), "--target", *targets],
                       check=True, stdout=sys.stderr)


def needs_product(name):
    return re.search(r"\$\{?SUBLET\b", pathlib.Path(f"bench/{name}.sh").read_text()) is not None


def judged(result):
    """Adds `met`: what is compared, and which way is better, is the bench's to say."""
    missing = [key for key in NEEDED if key not in result]
    if missing:
        raise ValueError(f"a result without {', '.join(missing)}: {result}")
    for key in KEYS:
        result.setdefault(key, None)
    shown = result[result.get("goal_of", "value")]
    if result["goal"] is not None and shown is not None:
        result["met"] = shown >= result["goal"] if result.get("better", "higher") == "higher" else shown <= result["goal"]
    return result


def run(name, programs, accept, peers):
    """The results of one bench and whether it ended well."""
    command = [str(BUILD / "bench" / name)] if name in programs else ["bash", f"bench/{name}.sh"]
    environment = {**os.environ, **peers, "SUBLET": str((BUILD / "sublet").absolute()), "BENCH_BUILD": str(BUILD.absolute()),
                   "BENCH_ACCEPT": "1" if accept else ""}
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment, check=False)
    results = [judged(json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]
    for result in results:
        result["bench"] = name
    return results, done.returncode == 0 and bool(results)


def number(value):
    if value is None:
        return "–"
    if isinstance(value, float) and abs(value) < 100:
        return f"{value:.3g}"
    return f"{value:,.0f}"


def goal_text(result):
    if result["goal"] is None:
        return "–"
    sign = "≥" if result.get("better", "higher") == "higher" else "≤"
    return f"{sign} {number(result['goal'])}" + (" ×" if result.get("goal_of") == "ratio" else f" {result['unit']}")


def rows(results):
    for each in results:
        against = f"{each['against']}: {number(each['against_value'])}" if each["against"] else "–"
        ratio = f"{number(each['ratio'])} ×" if each["ratio"] is not None else "–"
        met = {True: "yes", False: "**no**", None: "–"}[each["met"]]
        yield [each["name"], f"{number(each['value'])} {each['unit']}", against, ratio, goal_text(each), met]


HEAD = ["what", "measured", "against, in the same run", "ratio", "goal", "met"]


def show(results):
    table = [HEAD, *rows(results)]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def keep(results):
    """Replaces what was kept under the same names; the rest stays as it was."""
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else []
    ran = {each["bench"] for each in results}
    kept = [each for each in kept if each["bench"] not in ran] + results
    kept.sort(key=lambda each: (each["bench"], each["name"]))
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    return kept


def write_readme(kept):
    text = README.read_text()
    if MARKS[0] not in text or MARKS[1] not in text:
        raise SystemExit(f"bench: README.md has no place for the table; put {MARKS[0]} and {MARKS[1]} into it")
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    lines += ["| " + " | ".join(row) + " |" for row in rows(kept)]
    made = f"{MARKS[0]}\n" + "\n".join(lines) + f"\n{MARKS[1]}"
    README.write_text(re.sub(re.escape(MARKS[0]) + ".*?" + re.escape(MARKS[1]), lambda _: made, text, flags=re.DOTALL))


def draw(kept):
    IMAGES.mkdir(parents=True, exist_ok=True)
    bars = []
    for each in kept:
        shown = each.get(each.get("goal_of", "value"))
        if each["goal"] and shown:
            over = shown / each["goal"] if each.get("better", "higher") == "higher" else each["goal"] / shown
            bars.append((each["name"], over))
    if bars:
        (IMAGES / "bench.svg").write_text(plot.bars("How far each bench is from its goal", "times the goal (log scale)", bars))
    for each in kept:
        if each.get("curve"):
            shape = each["curve"]
            (IMAGES / f"bench-{shape['name']}.svg").write_text(plot.curve(shape["title"], shape))


def main():
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--json")
    parser.add_argument("--accept", action="store_true")
    options = parser.parse_args()
    programs, scripts = known()
    names = options.names or sorted((programs - scripts) | scripts)
    unknown = [name for name in names if name not in programs | scripts]
    if unknown:
        print(f"bench: none is named {', '.join(unknown)}; there are: {', '.join(sorted(programs | scripts))}", file=sys.stderr)
        return 64
    # A script of the same name drives the program: both are built, the script is run.
    build(names, programs, scripts)
    peers = bench_peers.environment(names)
    results, failed = [], []
    for name in names:
        print(f"── {name}", file=sys.stderr, flush=True)
        found, well = run(name, programs - scripts, options.accept, peers)
        results += found
        failed += [] if well else [name]
    if results:
        print()
        show(results)
        kept = keep(results)
        write_readme(kept)
        draw(kept)
    if options.json:
        slim = [{key: each[key] for key in KEYS} for each in results]
        pathlib.Path(options.json).write_text(json.dumps(slim, indent=1, ensure_ascii=False) + "\n")
    for name in failed:
        print(f"bench: {name} did not end well", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
