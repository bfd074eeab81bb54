#!/usr/bin/env python3
"""results.py KIND FOLDER MOST: a result that no honest worker packs, as result.tar in FOLDER with the outcome.json that a worker commits
to. MOST bytes is what the job lets a task leave. Also inputs: KIND and FOLDER alone make FOLDER/input.tar."""
import hashlib
import io
import json
import pathlib
import struct
import sys
import tarfile
import zipfile
import zlib

kind, folder = sys.argv[1], pathlib.Path(sys.argv[2])
PLAIN = tarfile.GNU_FORMAT


def entry(name, content=b"x", **fields):
    out = tarfile.TarInfo(name)
    out.size, out.mode, out.mtime = len(content), 0o644, 0
    for key, value in fields.items():
        setattr(out, key, value)
    return out, content


def tar(*entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=PLAIN) as made:
        for head, content in entries:
            made.addfile(head, io.BytesIO(content[:head.size]))
    bytes_ = out.getvalue()
    return bytes_.rstrip(b"\0").ljust((len(bytes_.rstrip(b"\0")) + 511) // 512 * 512, b"\0") + bytes(1024)


def sized(name, size):
    """An entry that says it has so many bytes, and has none."""
    head = entry(name, b"")[0]
    head.size = size
    return head.tobuf(PLAIN) + bytes(1024)


def png(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    part = lambda name, body: struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))  # noqa: E731
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(b"")) + part(b"IEND", b"")


def zip_bomb():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("large", bytes(64 << 20))
    return out.getvalue()


def link(name, kind_, target="../../escaped"):
    return entry(name, b"", type=kind_, linkname=target)


KINDS = {
    "up": lambda: tar(entry("../escaped")),
    "absolute": lambda: tar(entry("/tmp/sublet-escaped")),
    "link": lambda: tar(link("a", tarfile.SYMTYPE)),
    "through-a-link": lambda: tar(link("a", tarfile.SYMTYPE, "../.."), entry("a/escaped")),
    "hard-link": lambda: tar(link("a", tarfile.LNKTYPE, "/etc/passwd")),
    "device": lambda: tar(entry("a", b"", type=tarfile.BLKTYPE, devmajor=254)),
    "pipe": lambda: tar(entry("a", b"", type=tarfile.FIFOTYPE)),
    "twice": lambda: tar(entry("a", b"one"), entry("a", b"two")),
    "terminal": lambda: tar(entry("a\x1b]0;owned\x07\x1b[2J")),
    "setuid": lambda: tar(entry("a", mode=0o4755)),
    "ten-gigabytes-said": lambda: sized("a", 10 << 30),
    "many": lambda: tar(*(entry(f"{n:06}", b"") for n in range(100_001))),
    "compressed": lambda: zlib.compress(tar(entry("a", bytes(32 << 20))), wbits=31),
    "zip": zip_bomb,
    "png": lambda: tar(entry("0001.png", png(100_000, 100_000))),
    "png-small": lambda: tar(entry("0001.png", png(65, 36))),
    "exr": lambda: tar(entry("0001.exr", b"\x76\x2f\x31\x01\x02\0\0\0channels\0chlist\0" + struct.pack("<I", 0xFFFFFFF0) + bytes(64))),
    "text": lambda: tar(entry("0001.png", b"no picture, whatever its name")),
    "good": lambda: tar(entry("a", b"a result")),
}

if kind == "ten-gigabytes":
    with open(folder / "result.tar", "wb") as out:
        out.truncate(10 << 30)
    digest, size = bytes(32), 10 << 30
elif kind == "other":  # than what was committed to
    (folder / "result.tar").write_bytes(KINDS["good"]())
    digest, size = bytes(32), 2048
else:
    bytes_ = KINDS[kind]()
    (folder / ("result.tar" if len(sys.argv) > 3 else "input.tar")).write_bytes(bytes_)
    digest, size = hashlib.sha256(bytes_).digest(), len(bytes_)
if len(sys.argv) > 3:
    (folder / "outcome.json").write_text(json.dumps({"digest": digest.hex(), "nonce": "11" * 32, "bytes": size}))
