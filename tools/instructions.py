#!/usr/bin/env python3
"""instructions.py: counts the instructions per transaction of six messages and holds them against bench/instructions.json.

Callgrind counts what `measured` of bench/instructions.cpp costs: check, execution and commit of one block of equal
transactions, signatures included. A count that moved by more than 5 % either way is a failure that names the message:
slower is to be explained, faster is to be kept, both by `./run bench instructions --accept`.
usage: tools/instructions.py [--bench] [--accept]
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

KINDS = {"send": "bank send", "heartbeat": "heartbeat", "offer": "post offer", "order": "create deployment and match",
         "close": "close lease", "withdraw": "withdraw"}
COMMITTED = pathlib.Path("bench/instructions.json")
PROGRAM = pathlib.Path("build/release/bench/instructions")
BAND = 0.05
# The libraries choose their code by the processor: the same choice everywhere, so that counts can be compared.
PLAIN = {"OPENSSL_ia32cap": "0:0", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2_Usable,-AVX512F_Usable,-ERMS"}


def count(kind):
    """Instructions per transaction."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=measured", f"--callgrind-out-file={folder}/out",
                               str(PROGRAM), kind], capture_output=True, text=True, env={**os.environ, **PLAIN}, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found or int(found.group(1)) == 0:
        raise SystemExit(f"not ok instructions {kind}: {done.stderr.strip().splitlines()[-1:]}")
    return round(int(found.group(1)) / int(done.stdout))


def main(words):
    accept, bench = "--accept" in words, "--bench" in words
    committed = json.loads(COMMITTED.read_text()) if COMMITTED.exists() else {}
    counts, failed = {}, 0
    for kind, title in KINDS.items():
        counts[kind] = now = count(kind)
        before = committed.get(kind)
        moved = now / before - 1 if before else None
        bad = not accept and (moved is None or abs(moved) > BAND)
        failed += bad
        told = f"{title}: {before} before, {now} now" + (f" ({moved:+.1%})" if moved is not None else "")
        where = sys.stderr if bench else sys.stdout
        why = ": explain it and run ./run bench instructions --accept" if bad else ""
        print(("not ok " if bad else "ok ") + f"instructions {told}{why}", file=where, flush=True)
        if bench:
            print(json.dumps({"name": f"instructions: {title}", "value": now, "unit": "instructions/tx", "against": "committed count",
                              "against_value": before or now, "ratio": round(now / (before or now), 4), "goal": 1 + BAND,
                              "goal_of": "ratio", "better": "lower"}), flush=True)
    if accept:
        COMMITTED.write_text(json.dumps(counts, indent=1) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
