"""A dashboard's frame: variables, and panels laid out in rows of 24 columns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DatasourceVariable,
    QueryVariable,
    Row,
)
from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, GridPos

from deploy.grafana.panels import DATASOURCE

COLUMNS = 24


def board(uid: str, title: str, description: str) -> Dashboard:
    """Start a dashboard that nobody edits by hand: its source is code."""
    return (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags(["leadline"])
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .refresh("30s")
        .time("now-24h", "now")
        .timezone("browser")
        .with_variable(DatasourceVariable("datasource").label("Data source").type("prometheus"))
    )


def choice(name: str, label: str, query: str) -> QueryVariable:
    """Offer the values of a label, several at once, all by default."""
    return (
        QueryVariable(name)
        .label(label)
        .query(query)
        .datasource(DATASOURCE)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
    )


def lay_out(dashboard: Dashboard, rows: Iterable[tuple[str, int, list[Any]]]) -> Dashboard:
    """Place each row's panels side by side under its title; a row is (title, height, panels)."""
    number, y = 0, 0
    for title, height, panels in rows:
        number += 1
        dashboard.with_row(Row(title).id(number).grid_pos(GridPos(h=1, w=COLUMNS, x=0, y=y)))
        y += 1
        width = COLUMNS // len(panels)
        for index, panel in enumerate(panels):
            number += 1
            panel.id(number).grid_pos(GridPos(h=height, w=width, x=index * width, y=y))
            dashboard.with_panel(panel)
        y += height
    return dashboard
