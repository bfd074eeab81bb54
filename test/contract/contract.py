"""contract.py: the contract as protoc sees it and as the program sees it; what the checks beside this file share.

Needs protoc and Python's protobuf (Debian: protobuf-compiler, python3-protobuf); a check that lacks them exits with 77.
"""
import importlib.util
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
# Where protobuf is, whatever `python3` is on the PATH: the peers of the tests, Debian's package.
PYTHONS = (ROOT / "build/peers/venv/bin/python", pathlib.Path("/usr/bin/python3"))
SKIPPED = 77


def skip(why):
    print(f"skip contract: {why}")
    sys.exit(SKIPPED)


def find_protobuf():
    """Goes on in a Python that has protobuf, where this one has not."""
    for python in filter(pathlib.Path.exists, PYTHONS):
        if subprocess.run([str(python), "-c", "import google.protobuf"], capture_output=True, check=False).returncode == 0:
            os.execv(python, [python, *sys.argv])
    skip("no Python here has protobuf (apt-get install python3-protobuf)")


if importlib.util.find_spec("google") is None or importlib.util.find_spec("google.protobuf") is None:
    find_protobuf()
from google.protobuf import descriptor_pb2  # noqa: E402

# Kinds of fields that the contract uses, by descriptor.proto's numbers.
KINDS = {4: "uint64", 8: "bool", 9: "string", 11: "message", 12: "bytes", 13: "uint32", 14: "enum"}


class Item:
    """A message, field, enumeration, value, service or method with its full name, its comment and its file."""

    def __init__(self, name, body, comment, file):
        self.name, self.body, self.comment, self.file = name, body, comment, file


class Contract:
    """The files under a folder, taken apart. `warnings` is what protoc said, for example of an import that nobody uses."""

    def __init__(self, folder=PROTO):
        if not shutil.which("protoc"):
            skip("there is no protoc (apt-get install protobuf-compiler)")
        names = sorted(p.relative_to(folder).as_posix() for p in pathlib.Path(folder).rglob("*.proto"))
        with tempfile.TemporaryDirectory() as scratch:
            target = pathlib.Path(scratch) / "set"
            done = subprocess.run(["protoc", f"-I{folder}", "--include_source_info", f"--descriptor_set_out={target}", *names],
                                  capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise SystemExit(f"not ok contract: protoc reads proto/: {done.stderr}")
            self.warnings = done.stderr.splitlines()
            self.files = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes()).file
        self.messages, self.fields, self.enums, self.values, self.services, self.methods = {}, {}, {}, {}, {}, {}
        for file in self.files:
            comments = {tuple(place.path): place.leading_comments.strip() for place in file.source_code_info.location}
            for i, message in enumerate(file.message_type):
                self._message(message, file.package, (4, i), comments, file)
            for i, enum in enumerate(file.enum_type):
                self._enum(enum, file.package, (5, i), comments, file)
            for i, service in enumerate(file.service):
                name = f"{file.package}.{service.name}"
                self.services[name] = Item(name, service, comments.get((6, i), ""), file)
                for j, method in enumerate(service.method):
                    full = f"{name}.{method.name}"
                    self.methods[full] = Item(full, method, comments.get((6, i, 2, j), ""), file)

    def _message(self, message, scope, path, comments, file):
        name = f"{scope}.{message.name}"
        self.messages[name] = Item(name, message, comments.get(path, ""), file)
        for j, field in enumerate(message.field):
            full = f"{name}.{field.name}"
            self.fields[full] = Item(full, field, comments.get((*path, 2, j), ""), file)
        for j, nested in enumerate(message.nested_type):
            self._message(nested, name, (*path, 3, j), comments, file)
        for j, enum in enumerate(message.enum_type):
            self._enum(enum, name, (*path, 4, j), comments, file)

    def _enum(self, enum, scope, path, comments, file):
        name = f"{scope}.{enum.name}"
        self.enums[name] = Item(name, enum, comments.get(path, ""), file)
        for j, value in enumerate(enum.value):
            full = f"{name}.{value.name}"
            self.values[full] = Item(full, value, comments.get((*path, 2, j), ""), file)


def program_view(peer):
    """The program's own field lists, from `contract-peer describe`."""
    return json.loads(subprocess.run([peer, "describe"], capture_output=True, text=True, check=True).stdout)


class Report:
    """Prints ok / not ok lines and remembers whether one was not."""

    def __init__(self):
        self.failed = 0

    def check(self, name, findings):
        """Passes when there are no findings; else each of them is said."""
        findings = list(findings)
        if findings:
            self.failed += 1
            print(f"not ok {name}: {findings[0]}" + (f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""))
            for each in findings[1:40]:
                print(f"  {each}")
        else:
            print(f"ok {name}")
