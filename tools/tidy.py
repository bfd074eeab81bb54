#!/usr/bin/env python3
"""tidy.py: house rules that neither the compiler nor the formatter can say. Each finding names what to write instead.

Usage: tidy.py (the whole tree). Exceptions are counts in tools/ratchet.json, which may only shrink.
"""
import itertools
import json
import pathlib
import re
import subprocess
import sys

DETERMINISTIC = ("base", "codec", "crypto", "ledger", "modules", "app")
HEADER_LINES_MAX = 150
SOURCE_LINES_MAX = 400
RATCHET = "tools/ratchet.json"

# (rule, pattern, what to write instead). Looked for in code of the deterministic rooms, tests excepted.
DETERMINISTIC_BANS = [
    ("clock", r"#\s*include\s*<(chrono|ctime|time\.h)>|\b(system|steady|high_resolution)_clock\b", "the block's time, passed in as an argument"),
    ("random", r"#\s*include\s*<random>|\b(s?rand)\s*\(", "nothing random; ties are broken by score, age, then id"),
    ("hash-order", r"#\s*include\s*<unordered_(map|set)>|\bstd::(unordered_\w+|hash)\b", "std::map, absl::btree_map or a sorted std::vector"),
    ("thread", r"#\s*include\s*<(thread|mutex|atomic|future|condition_variable|shared_mutex)>|\bthread_local\b", "one thread; parallel work is handed in from below the wall"),
    ("io", r"#\s*include\s*<(iostream|fstream|filesystem|iomanip|sstream)>", "bytes in, bytes out; files and streams live in store and net"),
    ("regex", r"#\s*include\s*<regex>", "a hand-written strict parser with a declared maximum"),
    ("float", r"\b(float|double)\b|#\s*include\s*<cmath>", "integers of base/units.hpp; mul_div with the rounding in the name"),
    ("locale", r"#\s*include\s*<locale>|\bstd::sto(i|l|ll|u|ul|ull|f|d|ld)\b|\b(atoi|atol|atoll|strtol|strtoul|strtoull|setlocale)\s*\(", "std::from_chars / std::to_chars"),
    ("throw", r"\b(throw|try|catch)\b", "fail(Code::k…, \"what, where, what to do\")"),
]
# One file, one rule, one reason.
EXCEPTIONS = {
    ("thread", "src/ledger/trie_node.hpp"): "readers on other threads drop snapshots: the count of a node's owners is atomic, as std::shared_ptr's is",
}
EVERYWHERE_BANS = [
    ("todo", r"\bTODO\b(?!\(#\d+\))", "TODO(#issue), or finish it"),
    ("fixme", r"\b(FIXME|XXX)\b", "mend it, or open an issue and write TODO(#issue)"),
    ("assert", r"#\s*include\s*<cassert>|(?<![\w_])assert\s*\(", "SUBLET_ASSERT (stays on in release) for invariants, Result for input"),
]
# Looked for in comments alone.
HISTORY = re.compile(r"\b(Previously|No longer|Now uses|Used to)\b|\b(previously|no longer) (used|was|were|called)\b")
# Looked for in every text file. Written so that this file does not find itself.
MACHINE_PATHS = re.compile("/wor" + r"k/|/tmp/b-\w|/bash_" + r"jobs")
# A pointer that is owned in the same expression is how a factory reaches a private constructor.
OWNED = re.compile(r"_ptr<[^;]*[({]\s*\Z")
RAW_NEW = re.compile(r"(?<![\w:])new\s+[A-Za-z_:<]")


def is_test(path):
    """Tests and what only tests include: x_test.cpp, x_fixture.hpp, test_x.hpp."""
    return re.search(r"(_test\.cpp|_fixture\.[ch]pp|/test_\w+\.[ch]pp)$", path) is not None


def split_code(text):
    """(code, comments): the text with comments and string literals blanked, and the text with all but comments blanked."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\((?:.*?)\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    blank = lambda piece: re.sub(r"[^\n]", " ", piece)
    code, comments, at = [], [], 0
    for match in pattern.finditer(text):
        between, piece = text[at:match.start()], match.group(0)
        is_comment = piece.startswith(("//", "/*"))
        # Between digits an apostrophe is a separator, as in 1'000'000.
        if piece.startswith("'") and between[-1:].isalnum():
            code.append(between + piece)
            comments.append(blank(between + piece))
        else:
            code.append(between + blank(piece))
            comments.append(blank(between) + (piece if is_comment else blank(piece)))
        at = match.end()
    return "".join(code) + text[at:], "".join(comments) + blank(text[at:])


def restore_includes(text, code):
    """`code` with the #include lines as they were (their names look like strings)."""
    originals, lines = text.split("\n"), code.split("\n")
    return "\n".join(o if o.lstrip().startswith("#include") else c for o, c in zip(originals, lines))


def opening_findings(path, text):
    """The first line says the file's name and job; in deterministic rooms the lines after it say so."""
    name = pathlib.PurePosixPath(path).name
    lines = text.split("\n")
    if not re.match(rf"// {re.escape(name)}: \S.*\S", lines[0]):
        yield "opening", 1, f"first line: `// {name}: one sentence on its job.`"
    room = path.split("/")[1] if path.startswith("src/") else ""
    opening = " ".join(line for line in itertools.takewhile(lambda line: line.startswith("//"), lines))
    if room in DETERMINISTIC and not is_test(path) and "Deterministic." not in opening:
        yield "opening", 2, "the opening lines: `// Deterministic. Spec: docs/spec/….md.`"


def source_findings(path, text):
    """(rule, line, what to do) for one C++ file. `path` is relative to the repository."""
    yield from opening_findings(path, text)
    length = text.count("\n")
    limit = HEADER_LINES_MAX if path.endswith(".hpp") else SOURCE_LINES_MAX
    if length > limit:
        yield "length", length, f"{length} lines, at most {limit}: split where the thought splits"
    bare, comments = split_code(text)
    code = restore_includes(text, bare)
    line_of = lambda body, match: body.count("\n", 0, match.start()) + 1
    for rule, pattern, instead in EVERYWHERE_BANS:
        body = text if rule in ("todo", "fixme") else code
        for match in re.finditer(pattern, body):
            yield rule, line_of(body, match), f"`{match.group(0).strip()}`: write {instead}"
    for match in HISTORY.finditer(comments):
        yield "history", line_of(comments, match), f"`{match.group(0)}`: a comment says what is, the log says what was"
    for match in RAW_NEW.finditer(code):
        if not OWNED.search(code, max(0, match.start() - 160), match.start()):
            yield "new", line_of(code, match), "raw new: write std::make_unique, std::unique_ptr<T>{new T{…}} or a value"
    room = path.split("/")[1] if path.startswith("src/") else ""
    if room in DETERMINISTIC and not is_test(path):
        for rule, pattern, instead in DETERMINISTIC_BANS:
            if (rule, path) in EXCEPTIONS:
                continue
            for match in re.finditer(pattern, code):
                yield rule, line_of(code, match), f"`{match.group(0).strip()}` above the wall: write {instead}"


def text_findings(path, text):
    """Findings for any text file of the repository."""
    for match in MACHINE_PATHS.finditer(text):
        yield "machine-path", text.count("\n", 0, match.start()) + 1, f"`{match.group(0)}` is a path of one machine: derive it"


def git(*arguments):
    answer = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    return answer.stdout if answer.returncode == 0 else ""


def ratchet_findings(counts, ratchet, before):
    """`counts` of findings against the ratchet; the ratchet against the one `before` (None where there was none)."""
    for key in sorted(set(counts) | set(ratchet)):
        have, allowed = counts.get(key, 0), ratchet.get(key, 0)
        if have < allowed:
            yield f"{RATCHET}: {key} is down to {have}: lower its {allowed}"
    for key, allowed in sorted(ratchet.items()) if before is not None else []:
        if allowed > before.get(key, 0):
            yield f"{RATCHET}: {key} grew from {before.get(key, 0)} to {allowed}: it may only shrink"


def main():
    findings = {}  # "rule path" -> lines
    tracked = git("ls-files", "-z").split("\0")[:-1]
    for path in git("ls-files", "-z", "-o", "--exclude-standard", "src", "test", "bench", "tools").split("\0")[:-1]:
        findings.setdefault(f"untracked {path}", []).append(f"{path}: not in git: `git add` it or delete it")
    for path in tracked:
        file = pathlib.Path(path)
        if not file.is_file():
            continue
        try:
            text = file.read_text()
        except UnicodeDecodeError:
            continue
        rows = list(text_findings(path, text))
        if path.endswith((".cpp", ".hpp")):
            rows += source_findings(path, text)
        for rule, line, what in rows:
            findings.setdefault(f"{rule} {path}", []).append(f"{path}:{line}: {rule}: {what}")
    ratchet = json.loads(pathlib.Path(RATCHET).read_text())
    base = git("merge-base", "HEAD", "origin/HEAD").strip() or "HEAD~1"
    earlier = git("show", f"{base}:{RATCHET}")
    bad = list(ratchet_findings({k: len(v) for k, v in findings.items()}, ratchet, json.loads(earlier) if earlier else None))
    for key, lines in sorted(findings.items()):
        if len(lines) > ratchet.get(key, 0):
            bad += lines
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
