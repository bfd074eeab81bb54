#!/usr/bin/env python3
"""limits.py: every value in docs/spec/limits.md is the constant's in the source, and every test that it names exists.

Usage: limits.py [ROOT]. Prints what is wrong; exit 1 if anything is.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
ROW = re.compile(r"^\| `(k\w+)` \| ([\d,]+) \| `([^`]+)` \| [^|]+ \| ([^|]+) \|$", re.M)


def value_in(text, name):
    """The constant's value; expressions of numbers, shifts, products and sums are worked out."""
    found = re.search(rf"constexpr [\w:]+ {name} = ([^;]+);", text)
    if not found:
        return None
    plain = re.sub(r"(?<=\d)(?:ULL|UL|U)\b", "", found[1].replace("'", ""))
    return eval(plain) if re.fullmatch(r"[\d\s<*+()]+", plain) else None  # nothing but numbers and operators gets here


def exists(test):
    if test.endswith(".sh"):
        return (ROOT / "test/e2e" / test).is_file()
    group, _, name = test.partition(".")
    pattern = re.compile(rf"^TEST(?:_F|_P)?\(\s*{group},\s*{name}\)", re.M)
    return any(pattern.search(path.read_text()) for path in (ROOT / "src").rglob("*_test.cpp"))


def findings(page):
    lines = sum(line.startswith("| `") for line in page.splitlines())
    rows = ROW.findall(page)
    if not rows or lines != len(rows):
        yield f"{lines} rows, of which {len(rows)} can be read"
    for name, value, where, tests in rows:
        file = ROOT / where
        actual = value_in(file.read_text(), name) if file.is_file() else None
        if actual != int(value.replace(",", "")):
            yield f"{name} is {actual} in {where}, the page says {value}"
        for test in re.findall(r"`([^`]+)`", tests):
            if not exists(test):
                yield f"{name}: there is no test {test}"


wrong = list(findings((ROOT / "docs/spec/limits.md").read_text()))
print("\n".join(wrong) if wrong else "ok: the limits are the source's")
sys.exit(1 if wrong else 0)
