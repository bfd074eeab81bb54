#!/usr/bin/env python3
"""stages.py: the stages of ./run test: lint, unit, det, asan, tsan, speed, e2e. Each can run alone; all run when none is named.

A stage counts test cases: a check of the linter, a case of GoogleTest, a line of an end-to-end script
(`ok name`, `not ok name: why`, `skip name: why`). The last line of the output is the summary of all of them.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

RESULTS = pathlib.Path("build/results")
JOBS = str(os.cpu_count() or 2)
E2E_TIMEOUT_S = 1500
STOP_GRACE_S = 30  # for a script's own cleanup
STAGES = ("lint", "unit", "det", "asan", "tsan", "speed", "e2e")
# What uses threads; the rest would say nothing more under ThreadSanitizer. CMakePresets.json builds these alone.
THREADED = "^(engine_test|engine_stress|roots_solo|planted_race_is_found)$"
SUPPRESSIONS = pathlib.Path("test/tsan/suppressions.txt")
ROOTS_BLOCKS = "10000"
SLOWEST = 10  # tests, scripts and builds named at the end
LINE = re.compile(r"^(ok|not ok|skip) (\S.*)$")


class Tally:
    """What one stage counted."""

    def __init__(self, name):
        self.name, self.passed, self.failed, self.skipped, self.seconds = name, 0, [], [], 0.0
        self.took = []  # (seconds, what)

    def ok(self, count=1):
        self.passed += count

    def bad(self, what):
        self.failed.append(what)

    def line(self, text):
        """Counts a line of the ok / not ok / skip kind; anything else is talk."""
        match = LINE.match(text)
        if match and match.group(1) == "ok":
            self.ok()
        elif match and match.group(1) == "skip":
            self.skipped.append(match.group(2))
        elif match:
            self.bad(match.group(2))
        return match is not None


def stream(command, log, timeout_s=None, environment=None, on_line=None):
    """Runs a command in a process group of its own; shows and logs its output. Returns the status, 124 after a timeout."""
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"$ {' '.join(command)}", flush=True)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                               stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **(environment or {})})

    def read():
        with log.open("w") as file:
            for text in process.stdout:
                file.write(text)
                print(text, end="", flush=True)
                if on_line:
                    on_line(text.rstrip("\n"))

    def stop(number):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            pass

    # What a script leaves running may hold its output open for ever: the script's own end counts, not the pipe's.
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    status = None
    try:
        status = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        status = 124
    finally:
        if status in (None, 124):
            stop(signal.SIGTERM)
            try:
                process.wait(STOP_GRACE_S)
            except subprocess.TimeoutExpired:
                stop(signal.SIGKILL)
                process.wait()
        reader.join(2)
    return status


def made(preset, tally):
    """Configures and builds a preset; a failure is a failed case, success is counted by what runs afterwards."""
    log, start = RESULTS / f"build-{preset}.log", time.monotonic()
    if stream(["cmake", "--preset", preset], RESULTS / f"configure-{preset}.log") != 0:
        tally.bad(f"configure {preset}")
        return False
    if stream(["cmake", "--build", "--preset", preset, "-j", JOBS, "--", "-k", "0"], log) != 0:
        tally.bad(f"build {preset} (see {log})")
        return False
    tally.took.append((time.monotonic() - start, f"build {preset}"))
    return True


def count_gtest(folder, tally):
    """Adds the cases of the result files that GoogleTest wrote; returns {test binary: failed cases}."""
    seen = {}
    for file in sorted(folder.glob("*.json")):
        report, failures = json.loads(file.read_text()), []
        for suite in report.get("testsuites", []):
            for case in suite.get("testsuite", []):
                name = f"{file.stem}: {suite['name']}.{case['name']}"
                if case.get("failures"):
                    failures.append(name)
                    tally.bad(name)
                elif case.get("result") == "SKIPPED":
                    tally.skipped.append(name)
                elif case.get("status") == "RUN":
                    tally.ok()
        seen[file.stem] = failures
    return seen


def run_ctest(build, tally, only="."):
    """Runs the tests of a build folder whose names match. A binary that dies before it can report is one failed case."""
    folder = (RESULTS / tally.name).absolute()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    outcomes = {}

    def note(text):
        match = re.match(r"\s*\d+/\d+ Test\s+#\d+: (\S+) [. ]*(.*?)\s+([\d.]+) sec", text)
        if match:
            tally.took.append((float(match.group(3)), match.group(1)))
            outcomes[match.group(1)] = match.group(2).replace("***", " ").strip()

    environment = {"GTEST_OUTPUT": f"json:{folder}/", "ASAN_OPTIONS": "detect_stack_use_after_return=1", "UBSAN_OPTIONS": "print_stacktrace=1",
                   "TSAN_OPTIONS": f"second_deadlock_stack=1 history_size=4 suppressions={SUPPRESSIONS.absolute()}"}
    status = stream(["ctest", "--test-dir", build, "-R", only, "-j", JOBS, "--output-on-failure", "--no-tests=error"],
                    RESULTS / f"{tally.name}.log", 3600, environment, note)
    reported = count_gtest(folder, tally)
    for name, outcome in outcomes.items():
        own = [f for stem, fs in reported.items() if stem == name or re.fullmatch(rf"{re.escape(name)}_\d+", stem) for f in fs]
        if "Skipped" in outcome:
            tally.skipped.append(name)
        elif outcome != "Passed" and not own:
            tally.bad(f"{name} ({outcome})")
        elif name not in reported:
            tally.ok()
    if status != 0 and not tally.failed:
        tally.bad(f"ctest ended with status {status} (see {RESULTS}/{tally.name}.log)")


def lint(tally):
    scope = "--all" if os.environ.get("CI") else "--changed"
    status = stream(["python3", "tools/lint.py", scope], RESULTS / "lint.log", None, None, tally.line)
    if status != 0 and not tally.failed:
        tally.bad(f"tools/lint.py ended with status {status}")


def unit(tally):
    if made("ci", tally):
        run_ctest("build", tally)


def asan(tally):
    if made("asan", tally):
        run_ctest("build/asan", tally)


def tsan(tally):
    if made("tsan", tally):
        run_ctest("build/tsan", tally, THREADED)


def speed(tally):
    """Instructions per transaction against bench/instructions.json: a count, so a noisy machine does not matter."""
    log = RESULTS / "build-speed.log"
    if stream(["cmake", "--preset", "release"], RESULTS / "configure-release.log") != 0 or \
            stream(["cmake", "--build", "--preset", "release", "-j", JOBS, "--target", "bench_instructions"], log) != 0:
        tally.bad(f"build the benchmark of instructions (see {log})")
        return
    if stream(["python3", "tools/instructions.py"], RESULTS / "instructions.log", 600, None, tally.line) not in (0, 1):
        tally.bad(f"tools/instructions.py did not end well (see {RESULTS}/instructions.log)")


def det(tally):
    if made("det", tally):
        tally.ok()
        status = stream(["python3", "tools/symbols.py", "build/det"], RESULTS / "symbols.log")
        if status == 0:
            tally.ok()
        else:
            tally.bad("symbols: the deterministic rooms link something forbidden")
    start, counted = time.monotonic(), tally.passed + len(tally.failed) + len(tally.skipped)
    stream(["tools/determinism.sh", ROOTS_BLOCKS, "clang++-19:O3"], RESULTS / "roots.log", 1800, None, tally.line)
    tally.took.append((time.monotonic() - start, "roots by clang, with its build"))
    if tally.passed + len(tally.failed) + len(tally.skipped) == counted:
        tally.bad(f"tools/determinism.sh said nothing (see {RESULTS}/roots.log)")


def e2e(tally):
    if not made("ci", tally):
        return
    scripts = sorted(pathlib.Path("test/e2e").glob("*.sh"))
    if not scripts:
        tally.bad("test/e2e holds no script")
    for script in scripts:
        run_id = f"{script.stem}-{os.getpid()}"
        environment = {"SUBLET": str(pathlib.Path("build/sublet").absolute()), "SUBLET_RUN_ID": run_id}
        before = (RESULTS / f"{script.stem}.before").absolute()
        subprocess.run(["tools/leftovers.sh", "snapshot", str(before)], env={**os.environ, **environment}, check=True)
        counted = tally.passed + len(tally.failed) + len(tally.skipped)
        failed, start = len(tally.failed), time.monotonic()
        print(f"── {script.stem}", flush=True)
        status = stream(["bash", str(script)], RESULTS / f"e2e-{script.stem}.log", E2E_TIMEOUT_S, environment, tally.line)
        tally.took.append((time.monotonic() - start, script.name))
        if status == 124:
            tally.bad(f"{script.stem}: not finished after {E2E_TIMEOUT_S} s")
        elif status != 0 and len(tally.failed) == failed:
            tally.bad(f"{script.stem}: ended with status {status}")
        elif tally.passed + len(tally.failed) + len(tally.skipped) == counted:
            tally.bad(f"{script.stem}: said neither ok, not ok nor skip")
        status = stream(["tools/leftovers.sh", "compare", str(before)], RESULTS / f"{script.stem}.left", None, environment)
        tally.ok() if status == 0 else tally.bad(f"{script.stem}: leaves things behind")


def table(tallies, began):
    print(f"\n{'stage':<8}{'passed':>8}{'failed':>8}{'skipped':>9}{'time':>10}")
    for tally in tallies:
        print(f"{tally.name:<8}{tally.passed:>8}{len(tally.failed):>8}{len(tally.skipped):>9}{tally.seconds:>8.0f} s")
    print(f"{'':<33}{time.monotonic() - began:>8.0f} s\n")
    print("took longest")
    for seconds, stage, what in sorted(((s, t.name, w) for t in tallies for s, w in t.took), reverse=True)[:SLOWEST]:
        print(f"{seconds:>8.0f} s  {stage}: {what}")
    print()
    for tally in tallies:
        for what in tally.skipped:
            print(f"skipped  {tally.name}: {what}")
    for tally in tallies:
        for what in tally.failed:
            print(f"FAILED   {tally.name}: {what}")


def main(names):
    if set(names) - set(STAGES):
        print(__doc__)
        return 64
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what runs is stopped on the way out
    RESULTS.mkdir(parents=True, exist_ok=True)
    began, tallies = time.monotonic(), []
    for name in [s for s in STAGES if s in names] or STAGES:
        tally, start = Tally(name), time.monotonic()
        print(f"\n══ {name}", flush=True)
        try:
            globals()[name](tally)
        except Exception as problem:  # a broken stage is a failed stage, and the others still run
            tally.bad(f"{name}: {problem!r}")
        tally.seconds = time.monotonic() - start
        tallies.append(tally)
    table(tallies, began)
    passed, failed = sum(t.passed for t in tallies), sum(len(t.failed) for t in tallies)
    skipped = sum(len(t.skipped) for t in tallies)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
