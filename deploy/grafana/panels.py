"""The kinds of panel our dashboards use, each with the few choices that differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    table,
    timeseries,
)
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    BarGaugeNamePlacement,
    BigValueColorMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DataSourceRef,
    DataTransformerConfig,
    Threshold,
    ThresholdsMode,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

DATASOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
STEPS = ("green", "yellow", "orange", "red")

Queries = Mapping[str, str]
"""Legend to expression; a legend may name labels, as in `{{band}}`."""


def lines(
    title: str, description: str, unit: str, queries: Queries, *, stacked: bool = False
) -> timeseries.Panel:
    """Values over time; stacked where they add up to a whole."""
    panel: timeseries.Panel = _common(
        timeseries.Panel(), title, description, unit, _targets(queries)
    )
    panel.tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
    panel.legend(
        common.VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
    )
    panel.min(0).line_width(2).fill_opacity(40 if stacked else 8)
    if stacked:
        panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    return panel


def number(
    title: str, description: str, unit: str, expression: str, cuts: Sequence[float] = ()
) -> stat.Panel:
    """One number of now, coloured from green to red at the cuts."""
    panel: stat.Panel = _common(stat.Panel(), title, description, unit, _targets({"": expression}))
    return panel.color_mode(BigValueColorMode.VALUE).thresholds(_thresholds(cuts))


def ranking(
    title: str, description: str, unit: str, queries: Queries, cuts: Sequence[float] = ()
) -> bargauge.Panel:
    """One bar for each series of now."""
    targets = _targets(queries, instant=True)
    panel: bargauge.Panel = _common(bargauge.Panel(), title, description, unit, targets)
    return (
        panel.orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .name_placement(BarGaugeNamePlacement.LEFT)
        .min(0)
        .thresholds(_thresholds(cuts))
    )


def rows(
    title: str, description: str, unit: str, expression: str, hidden: Sequence[str]
) -> table.Panel:
    """One row for each series of now, its labels as columns."""
    targets = _targets({"": expression}, instant=True, table_format=True)
    panel: table.Panel = _common(table.Panel(), title, description, unit, targets)
    columns = dict.fromkeys(("Time", "__name__", "job", "instance", *hidden), True)
    return panel.with_transformation(organize(columns))


def organize(hidden: Mapping[str, bool]) -> Any:
    """Hide columns that say nothing to a reader."""
    return DataTransformerConfig(
        id_val="organize",
        options={"excludeByName": dict(hidden), "renameByName": {"Value": "value"}},
    )


def _common(panel: Any, title: str, description: str, unit: str, targets: Sequence[Any]) -> Any:
    panel.title(title).description(description).unit(unit).datasource(DATASOURCE)
    for target in targets:
        panel.with_target(target)
    return panel


def _targets(
    queries: Queries, *, instant: bool = False, table_format: bool = False
) -> list[prometheus.Dataquery]:
    targets = []
    for index, (legend, expression) in enumerate(queries.items()):
        target = (
            prometheus.Dataquery()
            .expr(expression)
            .legend_format(legend or "__auto")
            .ref_id(chr(ord("A") + index))
            .datasource(DATASOURCE)
        )
        target = target.instant() if instant else target.range()
        if table_format:
            target = target.format(PromQueryFormat.TABLE)
        targets.append(target)
    return targets


def _thresholds(cuts: Sequence[float]) -> dashboard.ThresholdsConfig:
    colours = STEPS[:1] + STEPS[len(STEPS) - len(cuts) :]
    values = [None, *cuts]
    steps = [Threshold(color=c, value=v) for c, v in zip(colours, values, strict=True)]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
