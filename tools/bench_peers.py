"""bench_peers.py: programs of others that benchmarks are held against, built by name and exact version into build/bench-peers.

A bench finds each as BENCH_PEER_NAME, or in BENCH_NO_PEER_NAME why there is none: its row then says that it was skipped.
"""
import os
import pathlib
import re
import shutil
import subprocess

HOME = pathlib.Path("build/bench-peers").absolute()
COMETBFT = "v0.38.25"
# bench: {peer: (least Go, how it is built: folder and command)}; what Go built before it does not build again.
WANTED = {
    "state_commit": {"IAVL": ((1, 22), lambda go: (pathlib.Path("bench/peers/iavl"), [go, "build", "-o", str(HOME / "iavl"), "."]))},
    "rpc": {"COMETBFT": ((1, 22, 11), lambda go: (HOME, [go, "install", f"github.com/cometbft/cometbft/cmd/cometbft@{COMETBFT}"]))},
}
BUILD_TIMEOUT_S = 1200


def version_of(go):
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False).stdout
    return tuple(int(part) for part in re.findall(r"\d+", answer)[:3])


def find_go():
    """(path, version) of the newest Go at hand, or nothing."""
    found = [str(path) for path in (pathlib.Path("build/peers/bin/go").absolute(),) if path.exists()]
    found += [shutil.which("go")] if shutil.which("go") else []
    return max(((go, version_of(go)) for go in found), key=lambda each: each[1], default=None)


def build(peer, least, command):
    """(path, nothing) or (nothing, why it is missing)."""
    program = HOME / peer.lower()
    go = find_go()
    if go is None or go[1] < least:
        return None, f"no Go {'.'.join(map(str, least))} or newer"
    folder, words = command(go[0])
    HOME.mkdir(parents=True, exist_ok=True)
    log = HOME / f"{peer.lower()}.log"
    with log.open("w") as out:
        try:
            done = subprocess.run(words, cwd=folder, stdout=out, stderr=out, timeout=BUILD_TIMEOUT_S, check=False,
                                  env={**os.environ, "GOBIN": str(HOME), "CGO_ENABLED": "0"}).returncode == 0
        except subprocess.TimeoutExpired:
            done = False
    return (program, None) if done else (None, f"Go does not build it, see {log.relative_to(pathlib.Path.cwd())}")


def environment(names):
    """What the benches of these names are told about their peers."""
    out = {}
    for name in names:
        for peer, (least, command) in WANTED.get(name, {}).items():
            program, why = build(peer, least, command)
            out[f"BENCH_PEER_{peer}" if program else f"BENCH_NO_PEER_{peer}"] = str(program or why)
    return out
