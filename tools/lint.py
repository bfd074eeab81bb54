#!/usr/bin/env python3
"""lint.py: format, layers, house rules, shell scripts and clang-tidy, each a check with a name; two sources at a time.

Usage: lint.py [--all | --changed] [CHECK…]   checks: format layers house mutations rules-bite shell clang-tidy
--changed gives clang-tidy only what differs from the upstream branch (or the last commit); the other checks are quick and
always see the whole tree. Results of clang-tidy are kept under build/tidy-cache, keyed by everything the result depends on.
Prints `ok name` / `not ok name` lines; exit 1 where one failed.
"""
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

import clang_tidy

CACHE = pathlib.Path("build/tidy-cache")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def run(command):
    """(status, output) of a command."""
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return answer.returncode, answer.stdout


def lines(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.splitlines()


def sources():
    return [p for p in lines("git", "ls-files", "*.cpp", "*.hpp") if os.path.exists(p)]


def check_format():
    return run(["clang-format-19", "--dry-run", "-Werror", *sources()])


def check_shell():
    scripts = [p for p in lines("git", "ls-files", "run", ".ci/run", "*.sh") if os.path.exists(p)]
    return run(["shellcheck", "--external-sources", "--source-path=SCRIPTDIR", "--exclude=SC2016", "--severity=warning", *scripts])


class Includes:
    """The project's headers that a source reaches, for the key of a cached result."""

    def __init__(self):
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            file = pathlib.Path(path)
            self.texts[path] = file.read_bytes() if file.is_file() else None
        return self.texts[path]

    def reached(self, path):
        seen, queue = set(), [path]
        while queue:
            current = queue.pop()
            body = self.text(current)
            if current in seen or body is None:
                continue
            seen.add(current)
            for name in INCLUDE.findall(body.decode(errors="replace")):
                queue += [f"src/{name}", str(pathlib.Path(current).parent / name)]
        return sorted(seen)


def changed_files():
    base = (lines("git", "merge-base", "HEAD", "@{upstream}") or lines("git", "merge-base", "HEAD", "origin/HEAD") or [""])[0]
    if not base or [base] == lines("git", "rev-parse", "HEAD"):
        base = "HEAD~1"
    return set(lines("git", "diff", "--name-only", base) or lines("git", "diff", "--name-only", "HEAD"))


def units(scope, includes):
    """[(path, arguments)] of the compile database; with --changed, the sources that changed and one per changed header."""
    made = subprocess.run(["cmake", "--preset", "lint"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if made.returncode != 0:
        sys.exit(f"lint.py: cmake --preset lint failed; ./run setup installs what it may miss:\n{made.stdout}")
    database = pathlib.Path("build/lint/compile_commands.json")
    root, found = pathlib.Path.cwd(), []
    for entry in json.loads(database.read_text()):
        path = pathlib.Path(entry["file"])
        if path.exists() and path.is_relative_to(root):
            found.append((path.relative_to(root).as_posix(), entry["command"]))
    if scope == "--all":
        return sorted(found)
    changed = changed_files()
    wanted = {path for path, _ in found if path in changed}
    for header in changed - wanted:
        if header.endswith(".hpp"):
            users = [path for path, _ in found if header in includes.reached(path)]
            if users and not wanted & set(users):
                wanted.add(min(users, key=lambda p: (not p.startswith(header[:-4]), len(p))))
    return sorted((path, command) for path, command in found if path in wanted)


def key_of(path, command, includes, configuration):
    digest = hashlib.sha256(configuration)
    digest.update(re.sub(r"-O\d|-Werror|-g\d?|\S*ccache ", "", command).replace(os.getcwd(), ".").encode())
    for name in includes.reached(path):
        digest.update(name.encode() + b"\0" + includes.text(name) + b"\0")
    return digest.hexdigest()


def check_clang_tidy(scope):
    CACHE.mkdir(parents=True, exist_ok=True)
    includes = Includes()
    configuration = pathlib.Path(clang_tidy.__file__).read_bytes() + "\n".join(lines(clang_tidy.TIDY, "--version")).encode()
    for path in sorted(pathlib.Path(".").glob(".clang-tidy")) + sorted(pathlib.Path("src").rglob(".clang-tidy")):
        configuration += path.read_bytes()
    chosen = units(scope, includes)
    marks = {path: CACHE / key_of(path, command, includes, configuration) for path, command in chosen}
    # A source of several targets is read once.
    todo = sorted({path: command for path, command in chosen if not marks[path].exists()}.items())
    print(f"clang-tidy: {len(marks)} sources, {len(todo)} not seen in this form", flush=True)
    return clang_tidy.check(todo, lambda path: marks[path].touch())


def main(arguments):
    scope = "--all" if "--all" in arguments else "--changed"
    checks = {
        "format": check_format,
        "layers": lambda: run(["python3", "tools/layers.py", "--check"]),
        "house": lambda: run(["python3", "tools/tidy.py"]),
        "mutations": lambda: run(["python3", "tools/mutate.py", "--check"]),
        "rules-bite": lambda: run(["python3", "tools/tidy_test.py"]),
        "shell": check_shell,
        "clang-tidy": lambda: check_clang_tidy(scope),
    }
    chosen = [a for a in arguments if not a.startswith("--")] or list(checks)
    if not set(chosen) <= set(checks) or set(arguments) - set(chosen) - {"--all", "--changed"}:
        print(__doc__)
        return 64
    failed = 0
    for name in chosen:
        status, output = checks[name]()
        if status != 0:
            failed += 1
            print(output.rstrip())
        print(f"{'ok' if status == 0 else 'not ok'} {name}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
