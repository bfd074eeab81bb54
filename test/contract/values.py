"""values.py: random values of every message of the contract, made by protoc's Python; and why a value is out of range.

What a value may be beyond protobuf's own rules comes from the program's field lists: lengths of addresses and digests,
enumerations without a zero, which sub-messages keep their presence.
"""
import importlib
import pathlib
import random
import subprocess
import sys

import contract

EDGES_64 = (0, 1, 2, 127, 128, 255, 16383, 16384, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**56 - 1, 2**63 - 1, 2**63, 2**64 - 1)
EDGES_32 = (0, 1, 2, 127, 128, 255, 16383, 16384, 2**21, 2**28, 2**31 - 1, 2**31, 2**32 - 1)
TEXTS = ("", "a", "ucredit", "sublet1qyqszqgpqyqszqgpqyqszqgpqyqszqgpfu4kx2", "\0", "\x7f\x80", "é", "‖ ≤ 10⁻¹²", "漢字かな", "🎈👩‍🚀", "\ufeff\ufffd",
         "\ud7ff\ue000", "\U0010ffff", "\"\\/\b\n\r\t", "1" * 127, "1" * 128, "ä" * 200)
HUGE = 40_000  # bytes of a text or byte string that is rarely made
DEPTH_MAX = 6


def generated(scratch):
    """Imports what protoc generates for Python: {full name: class}."""
    names = sorted(p.relative_to(contract.PROTO).as_posix() for p in contract.PROTO.rglob("*.proto"))
    subprocess.run(["protoc", f"-I{contract.PROTO}", f"--python_out={scratch}", *names], check=True)
    sys.path.insert(0, str(scratch))
    classes = {}
    for name in names:
        module = importlib.import_module(name[: -len(".proto")].replace("/", ".") + "_pb2")
        for each in module.DESCRIPTOR.message_types_by_name.values():
            classes[each.full_name] = getattr(module, each.name)
            for nested in each.nested_types:
                classes[nested.full_name] = getattr(classes[each.full_name], nested.name)
    classes["google.protobuf.Any"] = importlib.import_module("google.protobuf.any_pb2").Any
    return classes


class Values:
    """Makes random values by the program's rules, and tells why a value that protobuf takes is out of their range."""

    def __init__(self, view, seed):
        self.random = random.Random(seed)
        self.rows = {}
        for row in view["types"]:
            self.rows.setdefault(row["name"], row["fields"])
        self.enums = {row["name"]: [number for number, _ in row["values"]] for row in view["enums"]}
        self.max_repeated = view["max_repeated"]
        self.scalars = {"uint64": lambda _: self.number(EDGES_64, 64), "uint32": lambda _: self.number(EDGES_32, 32),
                        "bool": lambda _: True, "string": lambda _: self.text(), "bytes": self.bytes,
                        "enum": lambda field: self.random.choice(self.enums[field["type"]])}

    def number(self, edges, bits):
        if self.random.random() < 0.4:
            return self.random.choice(edges)
        return self.random.getrandbits(self.random.randrange(1, bits + 1))

    def text(self):
        kind = self.random.random()
        if kind < 0.002:
            return "ж" * self.random.randrange(HUGE // 2)
        if kind < 0.7:
            return self.random.choice(TEXTS)
        codes = self.random.choices((self.random.randrange(0xD800), self.random.randrange(0xE000, 0x110000), self.random.randrange(128)), k=self.random.randrange(12))
        return "".join(map(chr, codes))

    def bytes(self, field):
        if "size" in field:
            return self.random.randbytes(field["size"] - 1) + b"\1"
        kind = self.random.random()
        return self.random.randbytes(self.random.randrange(HUGE) if kind < 0.002 else self.random.randrange(70))

    def count(self, scalar, depth):
        kind = self.random.random()
        if scalar and kind < 0.001:
            return self.max_repeated
        if depth == 0 and kind < 0.02:
            return self.random.randrange(20, 60)
        return self.random.choice((0, 1, 2, 3)) if depth < 2 else self.random.choice((0, 0, 1, 1, 2))

    def fill(self, message, name, depth=0):
        """Sets random fields of an empty message, so that the program must take it."""
        for field in self.rows[name]:
            kind, label = field["kind"], field["label"]
            if label == "repeated":
                values = getattr(message, field["name"])
                many = self.count(kind != "message", depth)
                if kind == "message":
                    for _ in range(many):
                        self.fill(values.add(), field["type"], depth + 1)
                elif many:
                    make = self.scalars[kind]
                    values.extend([make(field) for _ in range(many)])
            elif self.must_be_there(field):
                self.set(message, field, depth)
            elif self.random.random() < (0.75 if depth < DEPTH_MAX else 0):
                self.set(message, field, depth)
        return message

    def must_be_there(self, field):
        if field["kind"] == "enum":
            return 0 not in self.enums[field["type"]]
        return field["kind"] == "message" and field["label"] == "plain" and any(map(self.must_be_there, self.rows[field["type"]]))

    def set(self, message, field, depth):
        kind = field["kind"]
        if kind != "message":
            setattr(message, field["name"], self.scalars[kind](field))
            return
        inner = getattr(message, field["name"])
        self.fill(inner, field["type"], depth + 1)
        if field["label"] == "optional":
            inner.SetInParent()
        elif not inner.ByteSize():
            message.ClearField(field["name"])

    def out_of_range(self, message, name):
        """Why the program must refuse a value although protobuf takes it; None where it must take it. docs/spec/codec.md."""
        for field in self.rows[name]:
            kind, label, where = field["kind"], field["label"], f"{name}.{field['name']}"
            value = getattr(message, field["name"])
            if label == "repeated":
                if len(value) > self.max_repeated:
                    return f"list too long: {where}"
                for each in value:
                    why = self.value_out_of_range(each, field, where)
                    if why:
                        return why
                continue
            if kind == "message":
                if not message.HasField(field["name"]):
                    if label == "plain" and self.must_be_there(field):
                        return f"enumeration without a zero left out: {where}"
                    continue
                if label == "plain" and not value.ByteSize():
                    return f"empty plain sub-message written out: {where}"
            elif kind == "bytes" and not value:
                continue
            why = self.value_out_of_range(value, field, where)
            if why:
                return why
            if "size" in field and not any(value):
                return f"all-zero {field['size']} bytes written out: {where}"
        return None

    def value_out_of_range(self, value, field, where):
        if field["kind"] == "message":
            return self.out_of_range(value, field["type"])
        if field["kind"] == "enum" and value not in self.enums[field["type"]]:
            return f"enumeration without that value: {where}"
        if "size" in field and len(value) != field["size"]:
            return f"not {field['size']} bytes: {where}"
        return None
