"""Dashboards as a test reads them: panels, and their queries as Grafana would send them."""

from prometheus_client.metrics import MetricWrapperBase

from shared.runtime import telemetry

CONTRACT_PANELS = {
    "Bands over time",
    "Accounts by margin at risk",
    "Months of early warning",
    "Open alerts by type",
    "Silent sources",
    "Event lag",
    "Time from event to alert",
}
ACCOUNT_METRICS = (
    "leadline_account_risk_ratio",
    "leadline_account_early_warning_months",
    "leadline_account_margin_at_risk",
    "leadline_account_margin_without_rate",
    "leadline_account_open_alerts",
    "leadline_account_last_booking_timestamp_seconds",
)
METRICS = {
    *ACCOUNT_METRICS,
    *(
        metric.describe()[0].name
        for metric in vars(telemetry).values()
        if isinstance(metric, MetricWrapperBase)
    ),
}
VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$kam": ".*", "$tier": ".*"}


def panels(board):
    """Return the panels that show data; rows are only headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(panel, variables=VARIABLES):
    """Return a panel's queries with Grafana's variables filled in."""
    filled = []
    for target in panel["targets"]:
        expression = target["expr"]
        for name, value in variables.items():
            expression = expression.replace(name, value)
        assert "$" not in expression, expression
        filled.append(expression)
    return filled
