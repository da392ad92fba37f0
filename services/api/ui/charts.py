"""Small charts as inline SVG: no script, colours from the style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from html import escape

from markupsafe import Markup

from shared.domain.figures import number

WIDTH, HEIGHT = 560, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 14, 14, 30


def curve_chart(curve: Sequence[float], threshold: float | None, title: str) -> Markup:
    """Return the loss curve: 12 chances, 0..1, and the decision threshold."""
    xs = [LEFT + (WIDTH - LEFT - RIGHT) * at / (len(curve) - 1) for at in range(len(curve))]
    ys = [_y(value, 1.0) for value in curve]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    floor = _y(0, 1.0)
    parts = [_grid(1.0, [(value / 4, f"{value * 25} %") for value in range(5)])]
    parts.append(
        f'<polygon class="area" points="{xs[0]:.1f},{floor} {points} {xs[-1]:.1f},{floor}"/>'
        f'<polyline class="line" points="{points}"/>'
    )
    if threshold is not None:
        y = _y(threshold, 1.0)
        parts.append(
            f'<line class="threshold" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        )
    for month, (x, y) in enumerate(zip(xs, ys, strict=True), 1):
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
        parts.append(_label(x, HEIGHT - 10, str(month)))
    return _svg(parts, title)


def volume_chart(months: Sequence[tuple[str, int]], title: str, language: str = "en") -> Markup:
    """Return a bar per month."""
    top = max((count for _, count in months), default=0) or 1
    step = (WIDTH - LEFT - RIGHT) / max(1, len(months))
    parts = [
        _grid(
            top, [(at, number(at, int(at % 1 > 0), language=language)) for at in (0, top / 2, top)]
        )
    ]
    every = max(1, -(-len(months) // 8))
    for at, (month, count) in enumerate(months):
        x, y = LEFT + at * step, _y(max(0, count), top)
        parts.append(
            f'<rect class="bar" x="{x + step * 0.14:.1f}" y="{y:.1f}" width="{step * 0.72:.1f}"'
            f' height="{_y(0, top) - y:.1f}" rx="1.5">'
            f"<title>{escape(month)}: {number(count, language=language)}</title></rect>"
        )
        if at % every == 0:
            parts.append(_label(x + step / 2, HEIGHT - 10, month))
    return _svg(parts, title)


def last_months(
    found: Sequence[dict[str, object]], count: int = 24, language: str = "en"
) -> list[tuple[str, int]]:
    """Return the last months; those without bookings are among them, as zeros."""
    return [
        (year_month(str(one["month"]), language), int(str(one["bookings"])))
        for one in found[-count:]
    ]


def year_month(month: str, language: str = "en") -> str:
    """Return `2026-03` as people write it."""
    year, number_of_month = month.split("-")
    if language == "en":
        return f"{date(int(year), int(number_of_month), 1):%b %Y}"
    return f"{number_of_month}/{year}"


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * min(1.0, value / top), 1)


def _grid(top: float, marks: Sequence[tuple[float, str]]) -> str:
    return "".join(
        f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(v, top)}" y2="{_y(v, top)}"/>'
        f'<text class="tick end" x="{LEFT - 7}" y="{_y(v, top) + 4}">{escape(said)}</text>'
        for v, said in marks
    )


def _label(x: float, y: float, said: str) -> str:
    return f'<text class="tick middle" x="{x:.1f}" y="{y}">{escape(said)}</text>'


def _svg(parts: Sequence[str], title: str) -> Markup:
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
    return Markup(head + "".join(parts) + "</svg>")  # noqa: S704  # every text above is escaped
