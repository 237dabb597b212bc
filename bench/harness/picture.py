"""A chart of lines as SVG, both axes logarithmic; text and lines alone, readable on light and dark pages."""
import math

GAP = 15  # between names
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 440, 64, 100, 40, 52
COLOURS = ["#4477aa", "#ee6677", "#228833", "#b58a00", "#aa3377", "#2299bb"]


def powers(low, high, base):
    """Powers of base that cover low to high."""
    first, last = math.floor(math.log(low, base) + 1e-9), math.ceil(math.log(high, base) - 1e-9)
    return [base**i for i in range(first, max(last, first + 1) + 1)]


def line_chart(lines, title, x_label, y_label):
    """lines: {name: [(x, y), ...]}."""
    points = [point for line in lines.values() for point in line]
    xs, ys = powers(*bounds(x for x, _ in points), 2), powers(*bounds(y for _, y in points), 10)

    def place(value, ticks, low, high):
        share = math.log(value / ticks[0]) / math.log(ticks[-1] / ticks[0])
        return low + share * (high - low)

    def x_of(x):
        return place(x, xs, LEFT, WIDTH - RIGHT)

    def y_of(y):
        return place(y, ys, HEIGHT - BOTTOM, TOP)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           f'font-size="12"><rect width="100%" height="100%" fill="#ffffff"/>',
           text(LEFT, 22, title, "start", 15), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label),
           text(14, 30 + HEIGHT / 2, y_label, turned=True)]
    for x in xs:
        out += [stroke([(x_of(x), TOP), (x_of(x), HEIGHT - BOTTOM)], "#e4e4e4"),
                text(x_of(x), HEIGHT - BOTTOM + 18, f"{x:g}")]
    for y in ys:
        out += [stroke([(LEFT, y_of(y)), (WIDTH - RIGHT, y_of(y))], "#cccccc"),
                text(LEFT - 8, y_of(y) + 4, f"{y:g}", "end")]
    names = []
    for (name, line), colour in zip(lines.items(), COLOURS):
        placed = [(x_of(x), y_of(y)) for x, y in line]
        if placed:
            out.append(stroke(placed, colour, 2))
            out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
            names.append((placed[-1][1], name, colour))
    lowest = HEIGHT - BOTTOM + GAP
    for y, name, colour in sorted(names, reverse=True):  # from below, none upon another
        lowest = min(y, lowest - GAP)
        out.append(text(WIDTH - RIGHT + 8, lowest + 4, name, "start", colour=colour))
    return "\n".join(out) + "\n</svg>\n"


def bounds(values):
    values = list(values) or [1, 2]
    return min(values), max(values)


def stroke(points, colour, width=1):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def text(x, y, words, anchor="middle", size=12, colour="#333333", turned=False):
    turn = f' transform="rotate(-90 {x:.1f} {y:.1f})"' if turned else ""
    style = f'text-anchor="{anchor}" font-size="{size}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {style}{turn}>{words}</text>'
