#!/usr/bin/env python3
"""mutate.py: puts deliberate faults into a copy of the tree, one at a time, and says which of them the tests notice.

usage: mutate.py [--check] [--jobs N] [WORD…]
  --again  only faults that nobody noticed the last time
  --check  only look whether each fault of test/mutations/faults.toml still fits its file (fast; a part of lint)
  WORD     only faults whose name has all the words

Writes docs/mutations.md once every fault was tried (results of earlier runs count). Exit status: 0 when every fault was noticed or is named with a
reason, 1 when one was not (or one that "cannot be noticed" was), 2 when a fault does not fit its file any more.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAULTS = ROOT / "test/mutations/faults.toml"
SCRATCH = ROOT / "build/mutants"
TREE = SCRATCH / "tree"
RESULTS = SCRATCH / "results.json"
REPORT = ROOT / "docs/mutations.md"
BUILD_TIMEOUT_S, TEST_TIMEOUT_S = 600, 300
# What the tests of a fault need, the quick ones first: the first that fails ends the search.
STEPS = [
    ("unit tests", ["base_test", "codec_test", "ledger_test", "modules_test", "app_test"],
     "^(base|codec|ledger|modules|app)_test$"),
    ("scenarios", ["scenario_test"], "^scenario_"),
    ("store and engine", ["store_test", "engine_test"], "^(store|engine)_test$"),
    ("properties of money", ["money_balances_test", "money_settling_test"], "^money"),
    ("simulator", ["sublet-sim"], "^simulator"),
]


def load():
    return tomllib.loads(FAULTS.read_text())["fault"]


def misfits(faults):
    """Faults whose text does not stand exactly once in their file, or whose names clash."""
    out, names = [], set()
    for fault in faults:
        path = ROOT / fault["file"]
        count = path.read_text().count(fault["from"]) if path.exists() else 0
        if count != 1:
            out.append(f"{fault['name']}: its text stands {count} times in {fault['file']}")
        if fault["name"] in names:
            out.append(f"{fault['name']}: the name is there twice")
        names.add(fault["name"])
    return out


def shell(command, log, timeout_s):
    """The status of a command in the copy, 124 after a timeout; its output goes to the log."""
    environment = {**os.environ, "CCACHE_BASEDIR": str(TREE), "CCACHE_NOHASHDIR": "true", "SUBLET_HISTORIES": "200",
                   "CCACHE_SLOPPINESS": "pch_defines,time_macros", "GTEST_BRIEF": "1"}
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=TREE, stdout=file, stderr=subprocess.STDOUT, env=environment,
                                   stdin=subprocess.DEVNULL, start_new_session=True)
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, 15)
            process.wait()
            return 124


def prepare():
    """A copy of the tracked files; what did not change keeps its time, so that Ninja builds little."""
    TREE.mkdir(parents=True, exist_ok=True)
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    names = {name for name in tracked.decode().split("\0") if name and (ROOT / name).is_file()}
    for name in names:
        source, target = ROOT / name, TREE / name
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)  # with a new time: a file may have gone back to an older state
    for folder in ("src", "sim", "test"):
        for path in (TREE / folder).rglob("*"):
            if path.is_file() and str(path.relative_to(TREE)) not in names:
                path.unlink()


def trial(log, jobs):
    """Builds and runs step by step. Answers what noticed: "compiler", a step's name, or nothing."""
    for name, targets, pattern in STEPS:
        if shell(["cmake", "--build", "build", "-j", str(jobs), "--target", *targets], log, BUILD_TIMEOUT_S) != 0:
            return "compiler"
        status = shell(["ctest", "--test-dir", "build", "-R", pattern, "--stop-on-failure", "-j", str(jobs),
                        "--timeout", "120", "--no-tests=error"], log, TEST_TIMEOUT_S)
        if status != 0:
            return name
    return None


def results():
    """What earlier runs found: {fault: who noticed, or nothing}."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def keep(rows):
    """Adds results to those of earlier runs; answers those of all faults that were tried, in the order of the file."""
    known = results() | {fault["name"]: by for fault, by in rows}
    RESULTS.write_text(json.dumps(known, indent=1))
    return [(fault, known[fault["name"]]) for fault in load() if fault["name"] in known]


def report(rows):
    head = ["# Deliberate faults and who notices them", "",
            "`./run mutate` puts each fault of `test/mutations/faults.toml` alone into a copy of the tree, builds it and",
            "runs the quick suites in this order until one fails: " + ", ".join(name for name, _, _ in STEPS) + ".",
            f"{len(rows)} faults, {sum(1 for _, by in rows if by)} noticed; the reason stands beside each other one.", "",
            "| Fault | File | Noticed by |", "|---|---|---|"]
    lines = [f"| {fault['name']} | `{fault['file']}` | {by or 'nobody: ' + fault.get('survives', 'to be mended')} |"
             for fault, by in rows]
    REPORT.write_text("\n".join(head + lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--again", action="store_true", help="only faults that nobody noticed the last time")
    parser.add_argument("word", nargs="*")
    options = parser.parse_args()
    faults = load()
    wrong = misfits(faults)
    for each in wrong:
        print(f"test/mutations/faults.toml: {each}: write it anew", file=sys.stderr)
    if wrong or options.check:
        return 2 if wrong else 0
    chosen = [fault for fault in faults if all(word in fault["name"] for word in options.word)]
    if options.again:
        last = results()
        chosen = [fault for fault in chosen if last.get(fault["name"]) is None and "survives" not in fault]
    prepare()
    log = SCRATCH / "log.txt"
    log.write_text("")
    print("build and test the tree without a fault", flush=True)
    # A fault changes one source: one at a time is the quick way here.
    configured = shell(["cmake", "--preset", "dev", "-DCMAKE_UNITY_BUILD=OFF"], log, BUILD_TIMEOUT_S) == 0
    if not configured or (by := trial(log, options.jobs)) is not None:
        print(f"the tests fail without a fault: look at {log}", file=sys.stderr)
        return 1
    rows, bad = [], 0
    for number, fault in enumerate(chosen, 1):
        path, started = TREE / fault["file"], time.monotonic()
        clean = path.read_text()
        path.write_text(clean.replace(fault["from"], fault["to"]))
        try:
            by = trial(log, options.jobs)
        finally:
            path.write_text(clean)
        rows.append((fault, by))
        unexpected = (by is None) != ("survives" in fault) or by == "compiler"
        bad += unexpected
        print(f"[{number}/{len(chosen)}] {'NOT AS EXPECTED ' if unexpected else ''}{fault['name']}: "
              f"{by or 'nobody noticed'} ({time.monotonic() - started:.0f} s)", flush=True)
    if len(tried := keep(rows)) == len(faults):
        report(tried)
    print(f"{len(rows)} faults, {sum(1 for _, by in rows if by)} noticed, {bad} not as expected")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
