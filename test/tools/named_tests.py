#!/usr/bin/env python3
"""named_tests.py: every test and every attacker of the simulator that docs/spec/akash-defects.md and threats.md name exists; every row names one or says "not yet".

Usage: named_tests.py [ROOT]. Prints what is wrong; exit 1 if anything is.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
PAGES = {
    "docs/spec/akash-defects.md": [f"D{n}" for n in range(1, 12)] + [str(n) for n in range(1, 31)],
    "docs/spec/threats.md": [f"T{n}" for n in range(1, 12)],
}
TEST = re.compile(r"^(?:TEST(?:_F|_P)?|RC_GTEST_PROP|RC_GTEST_FIXTURE_PROP)\(\s*(\w+),\s*(\w+)", re.M)
NAME = re.compile(r"`(\w+\.scn|\w+\.sh|[A-Z]\w*\.[A-Z]\w*|sim:[\w-]+)`")
ATTACKER = re.compile(r'^\s*\{"([\w-]+)", "T\d', re.M)


def tests_of_the_tree():
    found = {path.name for path in (ROOT / "test/scenarios").glob("*.scn")}
    found |= {path.name for path in (ROOT / "test/e2e").glob("*.sh")}
    for folder in ("src", "test", "sim"):
        for path in (ROOT / folder).rglob("*.cpp"):
            found |= {".".join(match) for match in TEST.findall(path.read_text())}
    found |= {"sim:" + name for name in ATTACKER.findall((ROOT / "sim/attackers.cpp").read_text())}
    return found


def findings(page, rows_wanted, found):
    rows = {}
    for line in (ROOT / page).read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.fullmatch(r"[DT]?\d+", cells[0]):
            if cells[0] in rows:
                yield f"{page}: row {cells[0]} is there twice"
            rows[cells[0]] = line
    for row in rows_wanted:
        if row not in rows:
            yield f"{page}: row {row} is missing"
            continue
        names = NAME.findall(rows[row])
        if not names and "not yet" not in rows[row].lower():
            yield f"{page}: row {row} names no test; name one or write \"not yet\""
        for name in names:
            if name not in found:
                yield f"{page}: row {row} names {name}, which does not exist; name the test that shows it"


def main():
    found = tests_of_the_tree()
    wrong = [each for page, rows in PAGES.items() for each in findings(page, rows, found)]
    print("\n".join(wrong) if wrong else f"ok: all rows of {len(PAGES)} pages")
    return 1 if wrong else 0


sys.exit(main())
