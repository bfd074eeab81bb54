"""cheats_tables.py: what bench/cheats.py measured, as tables between the markers of the spec page, and as a curve."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOOR, STAKE, TASKS = 0.143, 10, 30  # audits in the long run; what is lost, in tasks' values; in which a steady cheat is to be found


def percent(part, whole):
    return f"{100 * part / whole:.2f} %" if whole else "-"


def expected_gain(saved, found):
    """Of one cheated task, in tasks' values: what is saved, less what an audit that finds it takes (render.md 3.4)."""
    return saved - FLOOR * found * (1 + STAKE)


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head), *("| " + " | ".join(map(str, row)) + " |" for row in rows)]) + "\n"


def honest_table(results):
    kinds = {"same": [0, 0], "stable": [0, 0], "unstable": [0, 0]}
    for each in results.values():
        for pair, (wrong, count) in each["honest"].items():
            worker, auditor = pair.split("/")
            kind = kinds["same" if worker == auditor else "unstable" if each["unstable"] else "stable"]
            kind[0], kind[1] = kind[0] + wrong, kind[1] + count
    named = {"same": "worker and auditor of one class, 1, 2 and 4 threads, other processes", "stable": "of two classes, scenes that are stable",
             "unstable": "of two classes, scenes that preflight calls unstable (never done)"}
    return kinds, table(["honest audits", "number", "false alarms"], [(named[kind], count, f"{wrong} ({percent(wrong, count)})")
                                                                     for kind, (wrong, count) in kinds.items()])


def whole_table(results, whole):
    rows = []
    for name, saved in whole.items():
        found = [hit for each in results.values() for hit in each["whole"][name]]
        rate = sum(found) / len(found)
        rows.append((name, f"{sum(found)} of {len(found)}", percent(sum(found), len(found)), f"{100 * saved:.1f} %", f"{expected_gain(saved, rate):+.2f}",
                     f"{100 * (1 - (1 - FLOOR * rate) ** TASKS):.1f} %"))
    return table(["cheat on the whole frame", "found", "an audit finds", "work saved", "gain a task", f"worker found in {TASKS} tasks"], rows)


def shares(results):
    return [float(share) for share in next(iter(results.values()))["partial"]]


def partial_rates(results):
    return {share: sum(map(sum, (each["partial"][str(share)] for each in results.values()))) /
            sum(len(each["partial"][str(share)]) for each in results.values()) for share in shares(results)}


def partial_table(results):
    rows = []
    for share, rate in partial_rates(results).items():
        count = sum(len(each["partial"][str(share)]) for each in results.values())
        rows.append((f"{100 * share:g} % of the frame", count, f"{100 * rate:.1f} %", f"{100 * (1 - (1 - share) ** 8):.1f} %", f"{expected_gain(share, rate):+.2f}"))
    return table(["cheat on a part", "audits", "found", "1 - (1 - a)^8", "gain a task"], rows)


def cross_table(results):
    rows = []
    for name in next(iter(results.values()))["cross"]:
        of = [each["cross"][name] for each in results.values()]
        noise = [each["noise"] for each in of if each["noise"]]
        middle = [sorted(each[at] for each in noise)[len(noise) // 2] for at in (0, 2)]
        rows.append((name, f"{sum(each['found'] for each in of)} of {len(of)}", sum(each["wrong"] for each in of), *(f"{value:.2f}" for value in middle)))
    return table(["part 3 of 8", "suspected", "others wrongly, of 7 each", "noise to the others'", "likeness of neighbours"], rows)


def cost_table(results):
    rows = [(name, f"{each['cost']['frame']:.2f} s", f"{each['cost']['audit']:.2f} s", percent(each["cost"]["audit"], each["cost"]["frame"]))
            for name, each in results.items() if each.get("cost")]
    return table(["scene, 480 x 270, 64 samples", "a frame", "8 crops, session warm", "share"], rows)


def report(args, results, whole):
    kinds, honest = honest_table(results)
    unstable = [name for name, each in results.items() if each["unstable"]]
    counted = [kinds["same"][at] + kinds["stable"][at] for at in (0, 1)]
    text = (f"{len(results)} scenes of our own ({', '.join(results)}), {args.size[0]} x {args.size[1]} pixels, {args.samples} samples, PNG of 8 bits; crops of 32 pixels, eight an "
            f"audit, from seeds that nobody chose. Unstable by T24: {', '.join(unstable) or 'none'}.\n\n{honest}\n"
            f"False alarms where audits are done: **{counted[0]} of {counted[1]}**. Golem's tree refuses 0.92 % of honest results (render.md 3.2).\n\n"
            f"{whole_table(results, whole)}\nGain in values of a task, where a task costs its worker what it pays, {100 * FLOOR:.1f} % of tasks are audited and {STAKE} values are at "
            f"stake. Golem's tree finds 87.7 % of wrong crops.\n\n{partial_table(results)}\n![Found, by share of the frame](../img/{args.curve.name})\n\n"
            f"{cost_table(results)}\n{cross_table(results)}")
    begin, end = "<!-- cheats: begin -->\n", "<!-- cheats: end -->"
    page = args.spec.read_text()
    args.spec.write_text(page[:page.index(begin) + len(begin)] + text + page[page.index(end):])
    sys.path.insert(0, str(ROOT / "tools"))
    import plot  # beside the tools, not a package
    rates = partial_rates(results)
    curve = [(share / 100, 1 - (1 - share / 100) ** 8) for share in range(1, 61)]
    args.curve.write_text(plot.curve("Cheats on a part of the frame: one audit of eight crops",
                                     {"x": "share of the frame", "y": "found", "lines": {"1 - (1 - a)^8": curve, "measured": sorted(rates.items())}}))
