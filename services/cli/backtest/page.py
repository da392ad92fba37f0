"""The report as one page: plain words first, then plots, each with its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.cli.backtest.charts import Axis, Series, bars, lines, percent_axis

NAMES = {
    "blend": "Leadline",
    "prior": "Leadline on its first day",
    "bgnbd": "BG/NBD",
    "recency": "Longest silence first",
    "recency-ratio": "Silence over own rhythm",
    "random": "Random list",
}
FEATURES = {
    "bgnbd_logit": "chance of silence by BG/NBD",
    "alive_logit": "chance of having left, by BG/NBD",
    "recency_mean": "silence over the own mean gap",
    "recency_median": "silence over the own usual gap",
    "recency_max": "silence over the own longest gap",
    "recency_days": "days of silence",
    "gap_tail": "own gaps longer than this silence",
    "overdue": "how overdue the next booking is",
    "slowing": "slowing of the last bookings",
    "gap_cv": "irregularity",
    "count_1_6": "last month against six",
    "count_3_12": "last quarter against the year",
    "active_6": "active months of the last six",
    "active_12": "active months of the last twelve",
    "slope_6": "trend of six months",
    "deficit_1": "bookings missing last month",
    "deficit_3": "bookings missing last quarter",
    "volume_1_12": "volume of the last month against the year",
    "volume_3_12": "volume of the last quarter against the year",
    "rate": "bookings per month",
    "n_total": "length of the history",
    "tenure": "time as a customer",
}
REASONS = {
    "silence": "the present silence",
    "rhythm": "the rhythm of bookings",
    "activity": "recent activity",
    "volume": "recent volume",
    "past": "the relation so far",
    "interaction": "several together",
}
LINES = ("bgnbd", "recency", "random")
"""What the curves show beside the judged method; the tables have all."""


def report_page(report: dict[str, Any]) -> str:
    """Return the report as a self-contained HTML page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["percent"] = _percent
    environment.filters["number"] = _number
    environment.filters["count"] = lambda value: f"{value:,}"
    mine = report["methods"][report["method"]]
    return environment.get_template("page.html").render(
        r=report,
        mine=mine,
        names=NAMES,
        reasons=REASONS,
        features=FEATURES,
        name=NAMES[report["method"]],
        random=report["methods"].get("random", mine),
        recency=report["methods"].get("recency", mine),
        plots=_plots(report) if mine["auc_m"] is not None else None,
    )


def _plots(report: dict[str, Any]) -> dict[str, Markup]:
    methods = report["methods"]
    shown = [report["method"], *(one for one in methods if one != report["method"])]
    precision = [(NAMES[one], [methods[one]["precision"]]) for one in shown]
    warned = [(NAMES[one], _warned(methods[one]["sustained"])) for one in shown]
    return {
        "precision": bars(precision, 1.0, "Share of the named accounts that fell silent"),
        "warning": bars(warned, 1.0, "Share of the lost accounts that were named in time"),
        "reliability": _reliability(report, shown),
        "ranking": _ranking(report, shown),
        "levels": _levels(report),
        "months": _months(report),
        "stability": _stability(report),
    }


def _warned(sustained: dict[str, Any]) -> list[float | None]:
    if sustained["caught"] is None:
        return [None]
    before = sustained["before_last_booking"]
    return [before, sustained["caught"] - before]


def _reliability(report: dict[str, Any], shown: list[str]) -> Markup:
    series = [
        Series(NAMES[one], [(said, happened) for said, happened, _ in bins], at)
        for at, one in enumerate(shown)
        if one in (report["method"], "bgnbd") and (bins := report["methods"][one]["reliability"])
    ]
    top = max(max(point) for one in series for point in one.points)
    top = min(1.0, max(0.2, top * 1.08))
    title = "What was said against what happened"
    x, y = percent_axis(top, "risk that was said"), percent_axis(top, "fell silent")
    return lines(_renumbered(series), x, y, title, even=True)


def _ranking(report: dict[str, Any], shown: list[str]) -> Markup:
    series = []
    for one in shown:
        if one in (report["method"], *LINES):
            found = report["methods"][one]["horizons"]
            points = [(h["months"], h["auc_m"]) for h in found if h["auc_m"] is not None]
            series.append(Series(NAMES[one], points, 0))
    low = min([0.5, *(y for one in series for _, y in one.points)])
    marks = [(value / 10, f"{value / 10:.1f}") for value in range(round(low * 10), 11)]
    y = Axis(min(low, 0.5), 1.0, marks, "AUC, 0.5 is chance")
    return lines(_renumbered(series), _horizon_axis(), y, "Ranking by months ahead")


def _levels(report: dict[str, Any]) -> Markup:
    found = report["methods"][report["method"]]["horizons"]
    said = Series("said", [(h["months"], h["predicted"]) for h in found], 0)
    happened = Series("happened", [(h["months"], h["base_rate"]) for h in found], 1)
    top = max(max(h["predicted"], h["base_rate"]) for h in found)
    y = percent_axis(min(1.0, top * 1.15), "lost within")
    return lines([said, happened], _horizon_axis(), y, "Level of the curve by months ahead")


def _months(report: dict[str, Any]) -> Markup:
    months = report["by_month"]
    said = Series("said", [(at, m["predicted"]) for at, m in enumerate(months)], 0)
    happened = Series("happened", [(at, m["happened"]) for at, m in enumerate(months)], 1)
    top = max(max(m["predicted"], m["happened"]) for m in months)
    y = percent_axis(min(1.0, max(top * 1.1, 0.05)), "fell silent")
    return lines([said, happened], _month_axis(months), y, "Said and happened, month by month")


def _stability(report: dict[str, Any]) -> Markup:
    months = report["by_month"]
    points = [(at, m["auc"]) for at, m in enumerate(months) if m["auc"] is not None]
    low = min([0.5, *(y for _, y in points)])
    marks = [(value / 10, f"{value / 10:.1f}") for value in range(int(low * 10), 11)]
    axis = Axis(marks[0][0], 1.0, marks, "AUC, 0.5 is chance")
    series = [Series("each month", points, 0)]
    return lines(series, _month_axis(months), axis, "Ranking, month by month")


def _horizon_axis() -> Axis:
    return Axis(1, 12, [(h, str(h)) for h in range(1, 13)], "months ahead")


def _month_axis(months: list[dict[str, Any]]) -> Axis:
    every = max(1, -(-len(months) // 7))
    marks = [(at, m["month"]) for at, m in enumerate(months) if at % every == 0]
    return Axis(0, max(len(months) - 1, 1), marks, "month of the forecast")


def _renumbered(series: list[Series]) -> list[Series]:
    return [one._replace(kind=at) for at, one in enumerate(series)]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"
