"""clang_tidy.py: clang-tidy over many sources at the price of few. Used by lint.py.

Nine tenths of its time goes to the headers that a source reads, not to the source. Sources that are compiled alike are read
together, as one source that includes them all: a clean batch is the proof that each of them is clean. Where names of two
files clash, the file that clang complains of goes to a later batch; a batch with findings is read again, each source alone.

The clang-tidy of build/peers (PyPI) passes over the system's headers, which saves two thirds; Debian's serves where that is
missing, and finds the same.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import shlex
import subprocess
import threading
import time

QUICK = pathlib.Path("build/peers/bin/clang-tidy")
TIDY = str(QUICK) if QUICK.exists() else "clang-tidy-19"
BATCH = 16
FOLDER = pathlib.Path("build/tidy")
# clang 19 sees no awaitable in Boost 1.74 without the first two; GCC's own warning names are unknown to it.
CLANG_ARGUMENTS = ["-ferror-limit=0", "-DBOOST_ASIO_HAS_CO_AWAIT", "-DBOOST_ASIO_HAS_STD_COROUTINE", "-Wno-unknown-warning-option", "-Wno-everything"]
# Following every path through GoogleTest's macros costs ten times the rest, and a test may trust what it just made.
TEST_CHECKS = "--checks=-clang-analyzer-*,-bugprone-unchecked-optional-access,-readability-function-size"
# What a batch may say of a header it may say of any source that it includes.
OURS = "--header-filter=/(src|sim|test|bench)/"
CLASH = re.compile(r"^(\S+?):\d+:\d+: error: .*\[clang-diagnostic-error\]$", re.M)
NOISE = re.compile(r"\d+ (warnings?|errors?)( and \d+ errors?)? (generated|treated as error)|Suppressed|Use -header|Error while processing|Found compiler error")


def room_of(path):
    """The folder whose .clang-tidy holds for a source."""
    parts = pathlib.PurePosixPath(path).parts
    return "/".join(parts[:2]) if parts[0] == "src" else parts[0]


def flags_of(command):
    """What of a compile command decides how a source is read."""
    kept, words = [], shlex.split(command)
    for at, word in enumerate(words):
        if word.startswith(("-I", "-D", "-std=", "-isystem")):
            kept.append(word if word != "-isystem" else f"-isystem{words[at + 1]}")
    return tuple(kept)


def batches(units):
    """[(paths, flags)]: units [(path, command)] that may be read together, at most BATCH in each."""
    alike = {}
    for path, command in units:
        alike.setdefault((room_of(path), path.endswith("_test.cpp"), flags_of(command)), []).append(path)
    out = []
    for (_, _, flags), paths in sorted(alike.items()):
        out += [(paths[at:at + BATCH], flags) for at in range(0, len(paths), BATCH)]
    return sorted(out, key=lambda batch: -len(batch[0]))


def written(paths):
    """A source that includes these, in a folder for which the same .clang-tidy files hold as for them."""
    folder = FOLDER / room_of(paths[0])
    folder.mkdir(parents=True, exist_ok=True)
    for configuration in {pathlib.Path(".clang-tidy"), pathlib.Path(room_of(paths[0])) / ".clang-tidy"}:
        link = FOLDER / configuration
        if configuration.exists() and not link.exists():
            try:
                link.symlink_to(configuration.resolve())
            except FileExistsError:  # the other thread was quicker
                pass
    source = folder / (hashlib.sha256("\n".join(paths).encode()).hexdigest()[:16] + ".cpp")
    source.write_text("".join(f'#include "{os.path.abspath(path)}"  // NOLINT(bugprone-suspicious-include)\n' for path in paths))
    return source


def output_of(command):
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return answer.returncode, answer.stdout


def read(paths, flags):
    """(status, output, those that were left out because they clash) of clang-tidy over one source, or several together."""
    checks = [TEST_CHECKS] if paths[0].endswith("_test.cpp") else []
    source = written(paths) if len(paths) > 1 else pathlib.Path(paths[0])
    status, output = output_of([TIDY, "--quiet", OURS, *checks, str(source), "--", *flags, *CLANG_ARGUMENTS])
    if len(paths) > 1:
        source.unlink()
        named = {os.path.relpath(path) for path in CLASH.findall(output)}
        later = [path for path in paths[1:] if path in named]  # never the first: it has nothing to clash with
        if later:
            status, output, more = read([path for path in paths if path not in later], flags)
            return status, output, later + more
    return status, "\n".join(line for line in output.splitlines() if not NOISE.match(line)), []


def check(units, is_clean):
    """Reads units [(path, command)], two at a time; is_clean(path) is called for each without findings. (status, output)."""
    bad, took, left, lock = [], [], len(units), threading.Lock()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:

        def work(paths, flags):
            nonlocal left
            began = time.monotonic()
            status, output, later = read(paths, flags)
            seconds = time.monotonic() - began
            rest = [(later, flags)] if later else []
            paths = [path for path in paths if path not in later]
            if status != 0 and len(paths) > 1:
                return rest + [([path], flags) for path in paths]
            with lock:
                left -= len(paths)
                what = f"{paths[0]} and {len(paths) - 1} more" if len(paths) > 1 else paths[0]
                took.append((seconds, what))
                print(f"[{len(units) - left}/{len(units)}, {seconds:.0f} s] {'' if status == 0 else 'FINDINGS '}{what}", flush=True)
                if status == 0:
                    for path in paths:
                        is_clean(path)
                else:
                    bad.append(output)
            return rest

        todo = {pool.submit(work, *batch) for batch in batches(units)}
        while todo:
            done, todo = concurrent.futures.wait(todo, return_when=concurrent.futures.FIRST_COMPLETED)
            todo |= {pool.submit(work, *batch) for job in done for batch in job.result()}
    if took:
        print("slowest: " + ", ".join(f"{what} {seconds:.0f} s" for seconds, what in sorted(took, reverse=True)[:5]))
    # A header's finding shows once, however many sources include it.
    return (1 if bad else 0), "\n".join(dict.fromkeys("\n".join(bad).splitlines()))
