#!/usr/bin/env python3
"""layers.py: holds every #include under src/ to the layers that CMakeLists.txt declares.

A room may include itself and what its DEPS reach; a module may include modules before it; a library may be included only
by rooms that link it. Usage: layers.py --check (exit 1 with findings) | --write (rewrites docs/dependencies.txt).
"""
import pathlib
import re
import sys

import tidy

# Module graph of ARCHITECTURE: each may use those before it.
MODULES = ["params", "account", "bank", "escrow", "provider", "market", "audit", "job", "stake", "gov"]
# Include prefix -> a word in the LIBS of the rooms that may use it, or the room that hands it on: a coroutine is Asio's,
# so whoever sees net sees Asio; Beast stays inside.
LIBRARIES = {
    "boost/asio/": "room net", "boost/": "Boost::", "openssl/": "OpenSSL::", "secp256k1": "secp256k1", "rocksdb/": "RocksDB::", "absl/": "absl::",
    "nlohmann/": "nlohmann_json::", "yaml-cpp/": "yaml-cpp", "CLI/": "CLI11::", "sqlite3.h": "SQLite::",
    "spdlog/": "spdlog::", "fmt/": "fmt::", "toml++/": "tomlplusplus", "archive": "PkgConfig::libarchive",
    "OpenEXR/": "PkgConfig::openexr", "png.h": "PkgConfig::libpng", "libtorrent/": "PkgConfig::libtorrent",
}
TEST_LIBRARIES = ("gtest/", "gmock/", "rapidcheck")
SYSTEM_FOLDERS = ("sys/", "netinet/", "arpa/", "net/", "linux/", "bits/")
GRAPH = pathlib.Path("docs/dependencies.txt")
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def rooms_of(cmake_text):
    """{room: (deps, libs)} in declared order, from the sublet_layer(…) calls."""
    rooms = {}
    for name, body in re.findall(r"^\s*sublet_layer\((\w+)([^)]*)\)", cmake_text, re.M):
        words, kind = {"DEPS": [], "LIBS": [], "OWN": []}, None
        for word in body.split():
            if word in words:
                kind = word
            elif kind:
                words[kind].append(word)
        rooms[name] = (words["DEPS"], words["LIBS"] + words["OWN"])
    return rooms


def reachable(rooms, name):
    """The rooms that `name` may include: itself and everything its DEPS reach."""
    seen, queue = {name}, [name]
    while queue:
        for dependency in rooms.get(queue.pop(), ([], []))[0]:
            if dependency not in seen:
                seen.add(dependency)
                queue.append(dependency)
    return seen


def module_finding(path, target):
    """Why src/modules/<a>/ may not include modules/<b>/…, or None."""
    own, other = path.split("/"), target.split("/")
    if own[0] != "modules" or other[0] != "modules" or len(own) < 3 or len(other) < 3 or own[1] == other[1]:
        return None
    for name in (own[1], other[1]):
        if name not in MODULES:
            return f"module '{name}' has no place in MODULES of tools/layers.py: give it one"
    if MODULES.index(other[1]) > MODULES.index(own[1]) and not tidy.is_test(path):
        return f"module '{own[1]}' stands before '{other[1]}': move the call to the later module"
    return None


def findings_of(rooms, path, text):
    """(findings, rooms used) of one file; `path` is relative to src/."""
    findings, used = [], set()
    room = path.split("/")[0]
    allowed = set(rooms) if "/" not in path else reachable(rooms, room)
    libs = " ".join(lib for _, ls in rooms.values() for lib in ls) if "/" not in path else " ".join(rooms.get(room, ([], []))[1])
    is_test = tidy.is_test(path)
    for match in INCLUDE.finditer(text):
        line, target = text.count("\n", 0, match.start()) + 1, match.group(2)
        where = f"src/{path}:{line}"
        first = target.split("/")[0]
        if match.group(1) == '"':
            if first not in rooms:
                findings.append(f'{where}: "{target}" names no room: write "room/file.hpp"')
            elif first not in allowed:
                findings.append(f"{where}: '{room}' may not include '{first}': include what stands above it, or pass it in as an argument")
            else:
                used.add(first)
                why = module_finding(path, target)
                findings.extend([f"{where}: {why}"] if why else [])
            continue
        if is_test and target.startswith(TEST_LIBRARIES):
            continue
        library = next((p for p in LIBRARIES if target.startswith(p)), None)
        needed = LIBRARIES.get(library, "")
        if library and not (needed.removeprefix("room ") in allowed if needed.startswith("room ") else needed in libs):
            findings.append(f"{where}: <{target}> is not linked by '{room}': use the room that wraps it, or add it to LIBS and docs/dependencies.md")
        elif not library and "/" in target and not target.startswith(SYSTEM_FOLDERS):
            findings.append(f"{where}: <{target}> is of no library in docs/dependencies.md: use one that is, or add it there and to tools/layers.py")
    return findings, used - {room}


def main(arguments):
    if arguments not in (["--check"], ["--write"]):
        print(__doc__)
        return 64
    rooms = rooms_of(pathlib.Path("CMakeLists.txt").read_text())
    findings, graph = [], {}
    for path in sorted(pathlib.Path("src").rglob("*.[ch]pp")):
        name = path.relative_to("src").as_posix()
        found, used = findings_of(rooms, name, path.read_text(errors="replace"))
        findings += found
        if not tidy.is_test(name):
            graph.setdefault(name.split("/")[0], set()).update(used)
    lines = ["# Which room includes which, from the sources. Written by `python3 tools/layers.py --write`; CI compares."]
    order = [r for r in rooms] + sorted(set(graph) - set(rooms))
    lines += [f"{room}: {' '.join(r for r in order if r in graph[room])}".rstrip() for room in order if room in graph]
    text = "\n".join(lines) + "\n"
    if arguments == ["--write"]:
        GRAPH.write_text(text)
    elif not GRAPH.exists() or GRAPH.read_text() != text:
        old = set(GRAPH.read_text().splitlines()) if GRAPH.exists() else set()
        for line in text.splitlines():
            if line not in old:
                findings.append(f"{GRAPH}: new edge or room: {line} (python3 tools/layers.py --write, and look at the diff)")
        if not findings:
            findings.append(f"{GRAPH}: out of date: python3 tools/layers.py --write")
    print("\n".join(findings), end="\n" if findings else "")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
