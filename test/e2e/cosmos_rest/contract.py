"""contract.py PROTO: protobuf's own JSON reader (strict), with the published contract in the folder PROTO.

Reads a JSON list of messages with "@type" from standard input and prints the list of their bytes in base64. A field or an
enumeration's name that the contract has not is an error.
"""
import base64
import json
import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, json_format


def pool_of(folder):
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch, "set")
        files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.proto"))
        subprocess.run(["protoc", f"-I{folder}", f"--descriptor_set_out={out}", "--include_imports", *files], check=True)
        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file:
            pool.Add(file)
        return pool


def main():
    pool = pool_of(pathlib.Path(sys.argv[1]))
    out = []
    for message in json.load(sys.stdin):
        packed = json_format.ParseDict(message, any_pb2.Any(), descriptor_pool=pool)
        out.append(base64.b64encode(packed.value).decode())
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main()
