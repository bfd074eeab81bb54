"""plot.py: bars and curves as SVG, by the standard library alone; readable on a light and on a dark page."""
import html
import math

STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #333 } .title { font-size: 15px; font-weight: 600 }
.axis { stroke: #888; fill: none } .grid { stroke: #8884; fill: none } .short { fill: #d1603d } .bar { fill: #3a7ca5 }
.l0 { stroke: #3a7ca5 } .l1 { stroke: #d1603d } .l2 { stroke: #5a9e4b } .l3 { stroke: #8d6cab } .line { fill: none; stroke-width: 2 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>"""


def svg(width, height, parts):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    return "\n".join([head, STYLE, *parts, "</svg>"]) + "\n"


def text(x, y, words, more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{html.escape(words)}</text>'


def short(value):
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g} {letter}"
    return f"{value:g}"


def bars(title, axis, values):
    """[(name, positive value)] on a log scale with a line at 1."""
    left, width, row = 30 + round(7.2 * max(len(name) for name, _ in values)), 420, 26
    low = min(0, math.floor(min(math.log10(v) for _, v in values)))
    high = max(1, math.ceil(max(math.log10(v) for _, v in values)))
    height = 70 + row * len(values) + 40

    def place(value):
        return left + (math.log10(value) - low) / (high - low) * width

    parts = [text(12, 24, title, 'class="title"')]
    bottom = 44 + row * len(values)
    for power in range(low, high + 1):
        x = place(10**power)
        parts.append(f'<path class="{"axis" if power == 0 else "grid"}" d="M{x:.1f} 40V{bottom}"/>')
        parts.append(text(x, bottom + 18, short(10**power), 'text-anchor="middle"'))
    for i, (name, value) in enumerate(values):
        y, ends = 44 + row * i, sorted((place(value), place(1)))
        kind = "bar" if value >= 1 else "short"
        parts.append(text(left - 10, y + 15, name, 'text-anchor="end"'))
        parts.append(f'<rect class="{kind}" x="{ends[0]:.1f}" y="{y}" width="{max(1.0, ends[1] - ends[0]):.1f}" height="18"/>')
        parts.append(text(ends[1] + 5, y + 14, f"{value:.3g}"))
    parts.append(text(left + width / 2, bottom + 38, axis, 'text-anchor="middle"'))
    return svg(left + width + 60, height + 20, parts)


def ticks(low, high, log):
    if log:
        return [10**p for p in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    step = 10 ** math.floor(math.log10((high - low) or 1))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if (high - low) / s <= 7)
    return [step * i for i in range(math.floor(low / step), math.ceil(high / step) + 1)]


def curve(title, shape):
    """shape: {"x": axis title with unit, "y": the same, "log_x": bool, "log_y": bool, "lines": {label: [[x, y], …]}}."""
    points = [point for line in shape["lines"].values() for point in line]
    width, height, left, top = 620, 340, 80, 44

    def scale(index, log, begin, end):
        values = [p[index] for p in points] + ([] if log else [0])
        marks = ticks(min(values), max(values), log)
        turn = math.log10 if log else float
        low, high = turn(marks[0]), turn(marks[-1])
        return marks, lambda v: begin + (turn(v) - low) / ((high - low) or 1) * (end - begin)

    x_marks, x_of = scale(0, shape.get("log_x"), left, left + width)
    y_marks, y_of = scale(1, shape.get("log_y"), top + height, top)
    parts = [text(12, 24, title, 'class="title"'), f'<path class="axis" d="M{left} {top}v{height}h{width}"/>']
    for mark in x_marks:
        parts.append(text(x_of(mark), top + height + 18, short(mark), 'text-anchor="middle"'))
    for mark in y_marks:
        parts.append(f'<path class="grid" d="M{left} {y_of(mark):.1f}h{width}"/>')
        parts.append(text(left - 6, y_of(mark) + 4, short(mark), 'text-anchor="end"'))
    for i, (label, line) in enumerate(shape["lines"].items()):
        path = "L".join(f"{x_of(x):.1f} {y_of(y):.1f}" for x, y in line)
        parts.append(f'<path class="line l{i % 4}" d="M{path}"/>')
        x, y = line[-1]
        parts.append(text(x_of(x) - 4, y_of(y) - 8, label, 'text-anchor="end"'))
    parts.append(text(left + width / 2, top + height + 40, shape["x"], 'text-anchor="middle"'))
    middle = top + height / 2
    parts.append(text(16, middle, shape["y"], f'text-anchor="middle" transform="rotate(-90 16 {middle})"'))
    return svg(left + width + 30, top + height + 56, parts)
