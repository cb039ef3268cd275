#!/usr/bin/env python3
"""Draws the growth of the record as small panels: reads the lines of `bench-record grow`, writes an SVG.

    target/release/bench-record grow | benchmarks/plot.py > benchmarks/growth.svg
"""

import math
import sys

WIDTH, HEIGHT, LEFT, TOP, GAP = 190, 120, 20, 40, 34
STYLE = (
    "text{font:11px sans-serif;fill:#444}.title{font-weight:bold;fill:#222}"
    ".frame{fill:none;stroke:#bbb}.line{fill:none;stroke:#0b6e4f;stroke-width:2}.dot{fill:#0b6e4f}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}.title{fill:#eee}.frame{stroke:#555}}"
)


def main():
    names, *rows = [line.rstrip("\n").split("\t") for line in sys.stdin if "\t" in line]
    table = [[float(cell) for cell in row] for row in rows]
    panels = [panel(names[column], [(row[0], row[column]) for row in table], column - 1) for column in range(1, len(names))]
    rows_of_panels = math.ceil(len(panels) / 3)
    width, height = LEFT + 3 * (WIDTH + GAP), TOP + rows_of_panels * (HEIGHT + 2 * GAP)
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">')
    print(f"<title>How the record grows with its acts</title><style>{STYLE}</style>")
    print("\n".join(panels))
    print("</svg>")


def panel(name, points, place):
    """One quantity over the number of acts (logarithmic); its own axis begins at zero."""
    left = LEFT + place % 3 * (WIDTH + GAP)
    top = TOP + place // 3 * (HEIGHT + 2 * GAP)
    most = max(value for _, value in points) or 1
    first, last = math.log10(points[0][0]), math.log10(points[-1][0])
    span = (last - first) or 1

    def at(acts, value):
        return left + (math.log10(acts) - first) / span * WIDTH, top + HEIGHT - value / most * (HEIGHT - 10)

    spots = [at(*point) for point in points]
    parts = [
        f'<text class="title" x="{left}" y="{top - 8}">{name}</text>',
        f'<rect class="frame" x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"/>',
    ]
    for (acts, value), (x, y) in zip(points, spots):
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"><title>{acts:,.0f} acts: {value:,.0f}</title></circle>')
    for (acts, value), (x, y), anchor in ((points[0], spots[0], "start"), (points[-1], spots[-1], "end")):
        parts.append(f'<text x="{x:.1f}" y="{top + HEIGHT + 14}" text-anchor="{anchor}">{acts:,.0f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{y + 16 if y < top + 22 else y - 7:.1f}" text-anchor="{anchor}">{value:,.0f}</text>')
    return "\n".join(parts)


main()
