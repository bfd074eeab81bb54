#!/usr/bin/env python3
"""wire.py PEER [ROUNDS]: protobuf's own Python against the program's codec, byte for byte.

Each message of the contract: ROUNDS random values (default 10,000) go through both and give the same bytes; a part of them
gives the same JSON, made here from docs/spec/codec.md. Then ROUNDS / 2 changed encodings: what the program takes, Python
writes exactly so; what the program refuses and Python takes, Python writes otherwise, or its value is out of a range that
docs/spec/codec.md names. SUBLET_SEED sets the seed. Prints ok / not ok lines and a table of the outcomes.
"""
import base64
import collections
import json
import multiprocessing
import os
import sys
import tempfile
import time

import contract
from bech32 import bech32
from mutate import Mutator
from peer import Peer
from values import Values, generated

BATCH = 1_000
JSON_EVERY = 20
FINDINGS_MAX = 5


def json_value(value, field, view):
    kind = field["kind"]
    if kind == "message":
        return as_json(value, field["type"], view)
    if kind == "enum":
        return view.enum_names[field["type"]][value]
    if kind == "uint64":
        return str(value)
    if kind == "bytes":
        if field.get("form") == "address":
            return view.address(value or bytes(20))
        return (value or bytes(field["size"])).hex() if "size" in field else base64.b64encode(value).decode()
    return value


def as_json(message, name, view):
    """A value as docs/spec/codec.md (JSON) says that the program writes it."""
    out = {}
    for field in view.rows[name]:
        value = getattr(message, field["name"])
        if field["label"] == "repeated":
            out[field["name"]] = [json_value(each, field, view) for each in value]
        elif field["label"] == "optional" and not message.HasField(field["name"]):
            out[field["name"]] = None
        else:
            out[field["name"]] = json_value(value, field, view)
    return out


class Trial:
    """One message of the contract, held against the program."""

    def __init__(self, job):
        self.index, self.row, self.view, self.rounds, seed, self.classes, self.peer = job
        self.name = self.row["name"]
        self.values = Values(self.view, f"{seed} {self.name} {self.row['struct']}")
        self.values.address = bech32
        self.values.enum_names = {row["name"]: dict(map(tuple, row["values"])) for row in self.view["enums"]}
        self.mutator = Mutator(self.values.random, self.view["max_repeated"])
        self.make = self.classes[self.name]
        self.findings, self.outcomes, self.bytes = [], collections.Counter(), 0

    def find(self, what, data):
        self.findings.append(f"{what}: {data[:120].hex()}{'…' if len(data) > 120 else ''}")

    def random_values(self, count):
        made = [self.values.fill(self.make(), self.name) for _ in range(count)]
        encoded = [each.SerializeToString(deterministic=True) for each in made]
        self.bytes += sum(map(len, encoded))
        answers = self.peer.ask([(self.index, data, i % JSON_EVERY == 0) for i, data in enumerate(encoded)])
        for message, data, (taken, body, text) in zip(made, encoded, answers):
            if not taken:
                self.find(f"refused ({body.decode()})", data)
            elif body != data:
                self.find(f"re-encoded as {body[:60].hex()}", data)
            elif text is not None and json.loads(text) != as_json(message, self.name, self.values):
                self.find(f"JSON differs ({text[:200]})", data)
        return encoded

    def parse(self, data):
        """(value, its encoding) as protobuf's Python has them, without what the contract does not know; or None."""
        message = self.make()
        try:
            message.ParseFromString(data)
        except Exception:  # whatever the runtime in use raises: it refuses
            return None
        message.DiscardUnknownFields()
        return message, message.SerializeToString(deterministic=True)

    def changed_encodings(self, originals):
        made = ((data, *self.mutator.mutate(data, self.make.DESCRIPTOR)) for data in originals)
        changed = [(way, data) for original, way, data in made if data != original]
        answers = self.peer.ask([(self.index, data, False) for _, data in changed])
        for (way, data), (taken, body, _) in zip(changed, answers):
            theirs = self.parse(data)
            self.outcomes[way, self.judge(data, taken, body, theirs)] += 1

    def judge(self, data, taken, body, theirs):
        if taken:
            if theirs is None:
                self.find("taken, but protobuf refuses it", data)
            elif theirs[1] != data or body != data:
                self.find(f"taken, but protobuf writes {theirs[1][:60].hex()}, the program {body[:60].hex()}", data)
            elif self.values.out_of_range(theirs[0], self.name):
                self.find(f"taken, although {self.values.out_of_range(theirs[0], self.name)}", data)
            return "canonical, taken"
        if theirs is None:
            return "refused by both"
        if theirs[1] != data:
            return "refused, not canonical"
        why = self.values.out_of_range(theirs[0], self.name)
        if why is None:
            self.find(f"refused ({body.decode()}), but protobuf writes the same bytes", data)
            return "unexplained"
        return "refused, out of range: " + why.split(":")[0]

    def run(self):
        left = self.rounds
        while left > 0 and len(self.findings) < FINDINGS_MAX:
            encoded = self.random_values(min(left, BATCH))
            self.changed_encodings(encoded[::2])
            left -= BATCH
        return self.findings, self.outcomes, self.bytes


STATE = {}  # of a worker process


def start(program, seed, rounds, scratch):
    # protobuf's C++ runtime reports each text that is not UTF-8 there; what a worker raises comes home by itself.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    STATE.update(peer=Peer(program), view=contract.program_view(program), seed=seed, rounds=rounds, classes=generated(scratch))


def work(index):
    row = STATE["view"]["types"][index]
    return row, Trial((index, row, STATE["view"], STATE["rounds"], STATE["seed"], STATE["classes"], STATE["peer"])).run()


def table(outcomes):
    ways, kinds = sorted({way for way, _ in outcomes}), sorted({kind for _, kind in outcomes})
    print("\nchanged encodings, by what was changed and what came of it:")
    for kind in kinds:
        parts = ", ".join(f"{way} {outcomes[way, kind]:,}" for way in ways if outcomes[way, kind])
        print(f"  {kind} ({sum(outcomes[way, kind] for way in ways):,}): {parts}")


def main(arguments):
    if len(arguments) not in (1, 2):
        print(__doc__)
        return 64
    program, rounds = arguments[0], int(arguments[1]) if len(arguments) == 2 else 10_000
    seed, began = os.environ.get("SUBLET_SEED", "1"), time.monotonic()
    contract.Contract()  # skips where there is no protoc
    report, outcomes, size = contract.Report(), collections.Counter(), 0
    types = len(contract.program_view(program)["types"])
    with tempfile.TemporaryDirectory() as scratch, multiprocessing.Pool(min(4, os.cpu_count() or 1), start, (program, seed, rounds, scratch)) as pool:
        for row, (findings, seen, written) in pool.imap_unordered(work, range(types)):
            report.check(f"wire: {rounds:,} values of {row['name']} ({row['struct']})", findings)
            outcomes.update(seen)
            size += written
    table(outcomes)
    print(f"\n{types * rounds:,} values of {types} types, {size / 1e6:.0f} MB, {sum(outcomes.values()):,} changed encodings, {time.monotonic() - began:.0f} s, seed {seed}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
