"""rehearse.py OLD NEW: an upgrade with two builds of one ledger, of which only NEW knows the upgrade 'rehearsal'.

OLD runs until the block before, stops with a sentence, and stops again when it is started again. NEW goes on with the same
folder, notes the upgrade, and OLD refuses what NEW has made. NEW alone from the start comes to the same root.
"""
import pathlib
import subprocess
import sys
import tempfile


def run(program, folder):
    done = subprocess.run([program, folder], capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def main(old, new):
    failed = []

    def expect(what, holds, said):
        print(("ok " if holds else "not ok ") + what + ("" if holds else f": {said}"))
        if not holds:
            failed.append(what)

    with tempfile.TemporaryDirectory() as work:
        folder, alone = str(pathlib.Path(work) / "ledger"), str(pathlib.Path(work) / "alone")
        advice = "install a build that knows 'rehearsal'"
        for turn in ("the old build stops before the upgrade", "it stops at the same place when it is started again"):
            code, said = run(old, folder)
            expect(turn, code == 3 and "height 11 " in said and "block 12 is the first" in said and advice in said, said)
        code, went_on = run(new, folder)
        expect("the new build goes on", code == 0 and "height 20 " in went_on, went_on)
        code, said = run(old, folder)
        expect("the old build refuses what the new one has made", code == 3 and advice in said, said)
        code, fresh = run(new, alone)
        expect("both ways come to the same root", code == 0 and fresh == went_on, fresh)
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
