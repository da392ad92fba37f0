"""Plots of the report as inline SVG: no script, colours from the page's own style.

Series differ by colour, dash and marker, and every plot's numbers stand in a table beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 30, 44
BAR, LABEL_WIDTH = 34, 210


class Series(NamedTuple):
    """Points (x, y) in the plot's units; `kind` chooses colour, dash and marker (0..4)."""

    label: str
    points: Sequence[tuple[float, float]]
    kind: int


class Axis(NamedTuple):
    """An axis from `low` to `high` with marks (value, text)."""

    low: float
    high: float
    marks: Sequence[tuple[float, str]]
    title: str


def percent_axis(high: float, title: str, low: float = 0.0) -> Axis:
    """Return an axis of percentages in about five steps."""
    span = high - low
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25) if span / s <= 6 or s == 0.25)
    count = int(span / step + 1e-9)
    marks = [(low + step * at, f"{100 * (low + step * at):.0f} %") for at in range(count + 1)]
    return Axis(low, high, marks, title)


def bars(rows: Sequence[tuple[str, Sequence[float | None]]], top: float, title: str) -> Markup:
    """Return a horizontal bar per row; several values of a row are stacked parts of it."""
    height = BAR * len(rows) + 8
    scale = (WIDTH - LABEL_WIDTH - 70) / (top or 1.0)
    parts = []
    for at, (label, values) in enumerate(rows):
        y, x = 4 + at * BAR, float(LABEL_WIDTH)
        parts.append(_text(LABEL_WIDTH - 8, y + 17, label, "end"))
        known = [value for value in values if value is not None]
        for number, value in enumerate(known):
            width = max(value * scale, 0.0)
            parts.append(
                f'<rect class="bar part{number}{" mine" if at == 0 else ""}" x="{x:.1f}"'
                f' y="{y + 3}" width="{width:.1f}" height="20"/>'
            )
            x += width
        said = f"{100 * sum(known):.1f} %" if known else "too few to say"
        parts.append(_text(x + 6, y + 17, said, "start"))
    return _svg(parts, title, height)


def lines(series: Sequence[Series], x: Axis, y: Axis, title: str, *, even: bool = False) -> Markup:
    """Return lines over a grid, labelled at their ends; `even` draws the diagonal."""
    parts = [_grid(x, y)]
    if even:
        (x1, y1), (x2, y2) = (_at(x, y, (value, value)) for value in (y.low, y.high))
        parts.append(
            f'<line class="even" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        )
    drawn = [one for one in series if one.points]
    places = [[_at(x, y, point) for point in one.points] for one in drawn]
    ends = _apart([points[-1][1] for points in places])
    for one, placed, end in zip(drawn, places, ends, strict=True):
        path = " ".join(f"{px:.1f},{py:.1f}" for px, py in placed)
        parts.append(f'<polyline class="line s{one.kind}" points="{path}"/>')
        if len(placed) <= 24:
            parts += [_marker(one.kind, px, py) for px, py in placed]
        parts.append(
            f'<text class="label s{one.kind}" x="{WIDTH - RIGHT + 10}" y="{end + 4:.1f}">'
            f"{escape(one.label)}</text>"
        )
    return _svg(parts, title, HEIGHT)


def _at(x: Axis, y: Axis, point: tuple[float, float]) -> tuple[float, float]:
    across = (min(max(point[0], x.low), x.high) - x.low) / ((x.high - x.low) or 1.0)
    up = (min(max(point[1], y.low), y.high) - y.low) / ((y.high - y.low) or 1.0)
    return (
        LEFT + across * (WIDTH - LEFT - RIGHT),
        HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM),
    )


def _apart(ends: list[float], least: float = 15.0) -> list[float]:
    """Return the labels' heights, moved so that none covers another."""
    moved = list(ends)
    order = sorted(range(len(ends)), key=lambda at: ends[at])
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + least)
    return moved


def _marker(kind: int, x: float, y: float) -> str:
    if kind == 1:
        return f'<rect class="dot s1" x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6"/>'
    if kind == 2:
        corners = f"{x:.1f},{y - 4:.1f} {x - 4:.1f},{y + 3:.1f} {x + 4:.1f},{y + 3:.1f}"
        return f'<polygon class="dot s2" points="{corners}"/>'
    return f'<circle class="dot s{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.2"/>'


def _grid(x: Axis, y: Axis) -> str:
    parts = []
    for value, said in y.marks:
        _, at = _at(x, y, (x.low, value))
        parts.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>'
        )
        parts.append(_text(LEFT - 7, at + 4, said, "end"))
    for value, said in x.marks:
        at, _ = _at(x, y, (value, y.low))
        parts.append(_text(at, HEIGHT - BOTTOM + 16, said, "middle"))
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2
    parts.append(_text(middle, HEIGHT - 6, x.title, "middle"))
    parts.append(_text(LEFT - 50, TOP - 16, y.title, "start"))
    return "".join(parts)


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return (
        f'<text class="tick" text-anchor="{anchor}" x="{x:.1f}" y="{y:.1f}">{escape(said)}</text>'
    )


def _svg(parts: Sequence[str], title: str, height: int) -> Markup:
    head = f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704  # every text above is escaped
