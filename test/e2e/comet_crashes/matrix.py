"""matrix.py: every point at which CometBFT dies (FAIL_TEST_INDEX) with every point at which we do (SUBLET_CRASH_AT), each also with a
ledger that has lost its last blocks, as unsynced writes are lost. Both must come to their points.

usage: matrix.py NAME FOLDER SUBLET COMETBFT NET_LOAD. Prints ok / not ok lines. E2E_CRASHES, E2E_SEED: see comet_crashes.sh.

Two nodes, each a network of its own, share the combinations. After each death the node is started again as it is; it must make blocks,
and say of each height the app hash that it said before and that CometBFT signed in the block after. In the end each node's blocks are
executed once more from the genesis by an empty ledger.
"""
import base64
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request

POINTS = 10      # fail.Fail() of a height, CometBFT v0.38 and v0.40
HEIGHTS = 2      # so many heights of them
USUAL = 64       # combinations of a run that does not do all
LANES = 2
ACCOUNTS = 6
PATIENCE_S = 60
BEHIND = 3       # blocks that a ledger loses


def combinations(points):
    """(index or None, crash point or None, whether the ledger loses its last blocks)."""
    fails = [None, *range(POINTS * HEIGHTS)]
    crashes = [None] + [f"{point}:{turn}" for point in points for turn in (1, 3) if turn == 1 or not point.endswith("_begin")]
    return [(fail, crash, lost) for fail in fails for crash in crashes for lost in (False, True) if fail is not None or crash]


class Trouble(Exception):
    pass


class Lane:
    """One node and what it has said so far."""

    def __init__(self, number, folder, sublet, cometbft, load):
        self.sublet, self.load = sublet, load
        self.folder = folder / f"lane{number}"
        self.folder.mkdir()
        self.address = f"127.{1 + os.getpid() // 250 % 250}.{1 + os.getpid() % 250}.{10 + number}"
        self.url = f"http://{self.address}:26657"
        self.node = self.loading = None
        self.hashes = {}
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SUBLET_CRASH", "FAIL_"))}
        self.environment["SUBLET_HOME"] = str(self.folder / "home")
        balances = subprocess.run([load, "balances", str(ACCOUNTS)], check=True, capture_output=True, text=True).stdout
        genesis = {"chain_id": f"crashes-{number}", "time": "2026-01-01T00:00:00Z", "params": {}, "balances": json.loads(balances)}
        (self.folder / "genesis.json").write_text(json.dumps(genesis))
        subprocess.run([sublet, "net", "init", "--folder", str(self.folder / "net"), "--validators", "1", "--genesis",
                        str(self.folder / "genesis.json"), "--first-address", self.address, "--check-invariants"],
                       check=True, capture_output=True, env=self.environment)
        self.home = self.folder / "net" / "node0"
        config = self.home / "cometbft" / "config" / "config.toml"
        config.write_text(config.read_text().replace('timeout_commit = "500ms"', 'timeout_commit = "20ms"'))
        # Its first CometBFT fails where the file says; the next ones do not.
        self.fail_file = self.folder / "fail"
        self.program = self.folder / "cometbft"
        self.program.write_text(f'#!/bin/sh\nif [ -s "{self.fail_file}" ]; then FAIL_TEST_INDEX=$(cat "{self.fail_file}"); export FAIL_TEST_INDEX\n'
                                f'rm "{self.fail_file}"; fi\nexec "{cometbft}" "$@"\n')
        self.program.chmod(0o755)

    def start(self, crash=None, home=None):
        extra = {"SUBLET_CRASH_AT": crash} if crash else {}
        with (self.folder / "node.err").open("ab") as errors:
            self.node = subprocess.Popen([self.sublet, "--json", "node", "--config", str((home or self.home) / "node.toml"), "--cometbft", str(self.program)],
                                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=errors, env={**self.environment, **extra})

    def stop(self):
        if self.loading:
            self.loading.kill()
            self.loading.wait()
            self.loading = None
        if self.node and self.node.poll() is None:
            self.node.terminate()
            try:
                self.node.wait(30)
            except subprocess.TimeoutExpired:
                self.node.kill()
                self.node.wait()

    def ask(self, method, **params):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url, body, {"content-type": "application/json"}), timeout=5) as answer:
            found = json.load(answer)
        if "result" not in found:
            raise Trouble(f"{method}: {found.get('error')}")
        return found["result"]

    def ask_patiently(self, method, height):
        """CometBFT may be on its way back."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self.ask(method, height=str(height))
            except (OSError, ValueError, Trouble):
                if time.monotonic() > until or self.node.poll() is not None:
                    raise
                time.sleep(0.1)

    def height(self):
        try:
            return int(self.ask("status")["sync_info"]["latest_block_height"])
        except (OSError, ValueError, Trouble):
            return 0

    def die(self, crash):
        try:
            self.node.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as late:
            raise Trouble(f"it never came to {crash}: {self.last_words()}") from late
        if self.node.returncode != -signal.SIGKILL:
            raise Trouble(f"it ended with status {self.node.returncode} and not at {crash}: {self.last_words()}")

    def engine_ends(self):
        """How often CometBFT has ended by itself."""
        return (self.folder / "node.err").read_text(errors="replace").count("CometBFT ended")

    def go_on(self, heights):
        """So many blocks more than there are once what was decided before is executed."""
        until = time.monotonic() + PATIENCE_S
        while self.catching_up() or not (now := self.height()):
            if time.monotonic() > until or self.node.poll() is not None:
                raise Trouble(f"it does not come up: {self.last_words()}")
            time.sleep(0.05)
        self.reach(now + heights)

    def catching_up(self):
        """CometBFT answers once it has handed on all blocks that it had."""
        try:
            return self.ask("status")["sync_info"]["catching_up"]
        except (OSError, ValueError, Trouble):
            return True

    def reach(self, height):
        until = time.monotonic() + PATIENCE_S
        while self.height() < height:
            if self.node.poll() is not None:
                raise Trouble(f"the node ended by itself, status {self.node.returncode}: {self.last_words()}")
            if time.monotonic() > until:
                raise Trouble(f"height {height} is not reached within {PATIENCE_S} s: {self.last_words()}")
            time.sleep(0.05)

    def last_words(self):
        return " / ".join((self.folder / "node.err").read_text(errors="replace").splitlines()[-3:])[-600:]

    def compare(self, last):
        """Of heights that are new: as executed here, as signed in the block after; what was said before stays."""
        for height in range(1, last):
            if height in self.hashes and height < last - 40:
                continue
            executed = self.ask_patiently("block_results", height)["app_hash"]
            signed = self.ask_patiently("header", height + 1)["header"]["app_hash"]
            if bytes.fromhex(signed) != base64.b64decode(executed):
                raise Trouble(f"FORK: height {height} was executed to {executed}, CometBFT signed {signed}")
            if self.hashes.setdefault(height, executed) != executed:
                raise Trouble(f"FORK: height {height} was {self.hashes[height]}, now it is {executed}")

    def keep_old(self):
        shutil.rmtree(self.folder / "old", ignore_errors=True)
        shutil.copytree(self.home / "ledger", self.folder / "old")

    def lose(self):
        shutil.rmtree(self.home / "ledger")
        shutil.copytree(self.folder / "old", self.home / "ledger")

    def run_one(self, fail, crash, lost):
        if lost:  # the ledger as it is now, before it goes on
            self.keep_old()
            self.start()
            self.go_on(BEHIND)
            self.stop()
        ends = self.engine_ends()
        self.arm(fail)
        if crash and "_begin" in crash:  # only a ledger that knows nothing passes there: it executes everything again
            shutil.rmtree(self.home / "ledger")
        elif lost:
            self.lose()
        self.start(crash)
        self.begin_load()
        if crash:
            self.die(crash)
            if self.engine_ends() == ends:  # we came first
                self.arm(fail)
            self.start()
        self.go_on(HEIGHTS + 1)
        self.compare(self.height())
        if fail is not None and self.engine_ends() == ends:
            raise Trouble(f"CometBFT never came to its point {fail}")
        self.stop()

    def arm(self, fail):
        if fail is not None:
            self.fail_file.write_text(str(fail))

    def begin_load(self):
        self.loading = subprocess.Popen([self.load, "run", str(ACCOUNTS), "60", "40", self.url], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def execute_again(self):
        """All blocks once more, by a ledger that knows nothing but the genesis."""
        self.start()
        self.reach(max(self.hashes, default=0))
        self.stop()
        shutil.rmtree(self.home / "ledger")
        self.start()
        self.reach(max(self.hashes) + 1)
        before = dict(self.hashes)
        self.hashes = {}
        self.compare(max(before) + 1)
        wrong = [height for height in before if before[height] != self.hashes.get(height)]
        self.stop()
        return len(before), wrong


def name_of(combination):
    fail, crash, lost = combination
    parts = [f"CometBFT ends at its point {fail}" if fail is not None else "", f"we end at {crash}" if crash else "",
             "the ledger lost its last blocks" if lost else ""]
    return ", ".join(part for part in parts if part)


def main(script, folder, sublet, cometbft, load):
    points = subprocess.run([sublet, "node", "--list-crash-points"], check=True, capture_output=True, text=True).stdout.split()
    others = ("before_answer", "after_publish", "half_begun")  # of the solo engine alone; of who begins with a whole state
    everything = combinations([p for p in points if p not in others])
    seed = int(os.environ.get("E2E_SEED", os.getpid()))
    todo = everything
    if os.environ.get("E2E_CRASHES") != "all":
        todo = random.Random(seed).sample(everything, USUAL)
    print(f"# {len(todo)} of {len(everything)} combinations, seed {seed}", flush=True)
    queue, lock = collections.deque(todo), threading.Lock()
    failures, stopping = [], threading.Event()

    def say(line, bad=False):
        with lock:
            print(line, flush=True)
            if bad:
                failures.append(line)

    def work(number):
        lane = None
        try:
            lane = Lane(number, pathlib.Path(folder), sublet, cometbft, load)
            lane.start()
            lane.reach(3)
            lane.compare(3)
            lane.stop()
            while not stopping.is_set():
                with lock:
                    if not queue:
                        break
                    combination = queue.popleft()
                try:
                    lane.run_one(*combination)
                    say(f"ok {script}: {name_of(combination)}")
                except Trouble as trouble:
                    say(f"not ok {script}: {name_of(combination)}: {trouble}", bad=True)
                    return
            count, wrong = lane.execute_again()
            say(f"{'not ok' if wrong else 'ok'} {script}: {count} blocks executed again from the genesis have the same hashes"
                + (f": not {wrong[:5]}" if wrong else ""), bad=bool(wrong))
        except (Trouble, OSError, subprocess.SubprocessError) as trouble:
            say(f"not ok {script}: lane {number}: {trouble}", bad=True)
        finally:
            if lane:
                lane.stop()

    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    threads = [threading.Thread(target=work, args=(number,)) for number in range(LANES)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
