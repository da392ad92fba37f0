"""What api shows to Prometheus: the product's gauges, and the health of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.api.queries import health
from services.api.queries.moment import deciding_moment
from services.api.queries.sources import feed_health
from services.api.queries.status import dead_letters_pending, outbox_pending
from shared.runtime import telemetry
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.session import Database

MAX_ACCOUNTS = 10_000
BANDS = ("healthy", "watch", "high", "critical", "none")
_LABELS = ("account_id", "account", "kam", "tier")


def product_metrics(database: Database, settings: Settings, clock: Clock) -> bytes:
    """Return `/metrics`, with the gauges read from the database just now."""
    with database.read() as connection:
        now = deciding_moment(connection, clock.now(), settings.clock)
        bands = health.accounts_by_band(connection)
        alerts = health.alerts_by_state(connection, now)
        runs = health.runs_by_state(connection)
        feeds = feed_health(connection, now, settings.clock)
        telemetry.OUTBOX_PENDING.set(outbox_pending(connection))
        telemetry.DEAD_LETTERS_PENDING.set(dead_letters_pending(connection))
    for band in {*BANDS, *bands}:
        telemetry.ACCOUNTS.labels(band).set(bands.get(band, 0))
    telemetry.ALERTS.clear()
    for (kind, state), count in alerts.items():
        telemetry.ALERTS.labels(kind, state).set(count)
    telemetry.PLAYBOOK_RUNS.clear()
    for (playbook, state), count in runs.items():
        telemetry.PLAYBOOK_RUNS.labels(playbook, state).set(count)
    for feed in feeds:
        silent = feed["silent_since"]
        seconds = (now - silent).total_seconds() if silent else 0
        telemetry.SOURCE_SILENT.labels(feed["source"], feed["type"]).set(max(0, seconds))
    return telemetry.render_metrics()


def account_metrics(
    database: Database, settings: Settings, clock: Clock, limit: int = MAX_ACCOUNTS
) -> bytes:
    """Return `/metrics/accounts`: one query, at most `limit` accounts."""
    registry = CollectorRegistry()
    registry.register(_AccountHealth(database, settings.clock, clock.now(), limit))
    return generate_latest(registry)


class _AccountHealth(Collector):
    def __init__(
        self, database: Database, kind: Literal["wall", "event"], wall: datetime, limit: int
    ) -> None:
        self._database, self._kind, self._wall, self._limit = database, kind, wall, limit

    def describe(self) -> Iterable[Metric]:
        """Say nothing ahead: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield a gauge per figure, labelled by account."""
        with self._database.read() as connection:
            now = deciding_moment(connection, self._wall, self._kind)
            rows = health.account_health(connection, now, self._limit)
            total = health.scored_accounts(connection)
        for name, said, column, scale in _FIGURES:
            gauge = GaugeMetricFamily(f"leadline_account_{name}", said, labels=_LABELS)
            for row in rows:
                value = getattr(row, column)
                if value is not None:
                    labels = (row.account_id, row.name or "", row.kam_id or "", row.tier or "")
                    gauge.add_metric(labels, value / scale)
            yield gauge
        yield GaugeMetricFamily(
            "leadline_account_health_omitted", "Accounts beyond the cut.", total - len(rows)
        )
        yield GaugeMetricFamily(
            "leadline_account_health_limit", "Most accounts shown here.", self._limit
        )


_FIGURES = (
    ("risk_ratio", "P(no booking in the next 3 months).", "risk", 1),
    ("early_warning_months", "Months until the loss is likely.", "early_warning_months", 1),
    ("margin_at_risk", "Annual margin x risk, account currency.", "margin_at_risk", 1),
    ("open_alerts", "Alerts that ask for something.", "open_alerts", 1),
    ("last_booking_timestamp_seconds", "When it last booked.", "last_booking", 1_000_000),
)  # fmt: skip
