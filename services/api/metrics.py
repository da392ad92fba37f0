"""What api shows to Prometheus: the product's gauges, and the health of accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.api.queries import health
from services.api.queries.margin import without_rate
from services.api.queries.sources import feed_health
from services.api.queries.status import dead_letters_pending, outbox_pending
from services.api.queries.usual_gaps import UsualGaps
from shared.domain.bands import BANDS
from shared.domain.rates import Rates
from shared.runtime import telemetry
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.moment import deciding_moment
from shared.store.session import Database

MAX_ACCOUNTS = 10_000
LISTED = (*BANDS, "none")
_LABELS = ("account_id", "account", "kam", "tier")


def product_metrics(database: Database, settings: Settings, clock: Clock, gaps: UsualGaps) -> bytes:
    """Return `/metrics`, with the gauges read from the database just now."""
    with database.read() as connection:
        now = deciding_moment(connection, clock.now(), settings.clock)
        bands = health.accounts_by_band(connection)
        alerts = health.alerts_by_state(connection, now)
        runs = health.runs_by_state(connection)
        feeds = feed_health(connection, now, settings.clock, gaps)
        telemetry.OUTBOX_PENDING.set(outbox_pending(connection))
        telemetry.DEAD_LETTERS_PENDING.set(dead_letters_pending(connection))
    for band in {*LISTED, *bands}:
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
    database: Database, settings: Settings, clock: Clock, rates: Rates, limit: int = MAX_ACCOUNTS
) -> bytes:
    """Return `/metrics/accounts`: at most `limit` accounts, and how many are not in it."""
    registry = CollectorRegistry()
    registry.register(_AccountHealth(database, settings.clock, clock.now(), rates, limit))
    return generate_latest(registry)


class _AccountHealth(Collector):
    def __init__(
        self,
        database: Database,
        kind: Literal["wall", "event"],
        wall: datetime,
        rates: Rates,
        limit: int,
    ) -> None:
        self._database, self._kind, self._wall = database, kind, wall
        self._rates, self._limit = rates, limit

    def describe(self) -> Iterable[Metric]:
        """Say nothing ahead: registering must not ask the database."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Yield a gauge per figure, labelled by account."""
        with self._database.read() as connection:
            now = deciding_moment(connection, self._wall, self._kind)
            worth = self._rates.at(now)
            rows = health.account_health(connection, now, self._limit, worth)
            total = health.scored_accounts(connection)
            lacking = without_rate(connection, worth)
        for name, said, column, scale in _FIGURES:
            told = said.format(currency=worth.reporting)
            gauge = GaugeMetricFamily(f"leadline_account_{name}", told, labels=_LABELS)
            for row in rows:
                value = getattr(row, column)
                if value is not None:
                    labels = (row.account_id, row.name or "", row.kam_id or "", row.tier or "")
                    gauge.add_metric(labels, value / scale)
            yield gauge
        yield _lacking(lacking, worth.reporting)
        yield GaugeMetricFamily(
            "leadline_account_health_omitted", "Accounts beyond the cut.", total - len(rows)
        )
        yield GaugeMetricFamily(
            "leadline_account_health_limit", "Most accounts shown here.", self._limit
        )


def _lacking(rows: Iterable[Any], reporting: str) -> Metric:
    said = f"Scored accounts with a margin, and no rate of its currency into {reporting}."
    gauge = GaugeMetricFamily(
        "leadline_account_margin_without_rate", said, labels=("currency", "kam", "tier")
    )
    for row in rows:
        gauge.add_metric((row.currency, row.kam_id or "", row.tier or ""), row.accounts)
    return gauge


_MARGIN = "Annual margin x risk, in {currency}; nothing where the account's currency has no rate."
_FIGURES = (
    ("risk_ratio", "P(no booking in the next 3 months).", "risk", 1),
    ("early_warning_months", "Months until the loss is likely.", "early_warning_months", 1),
    ("margin_at_risk", _MARGIN, "margin_at_risk", 1),
    ("open_alerts", "Alerts that ask for something.", "open_alerts", 1),
    ("last_booking_timestamp_seconds", "When it last booked.", "last_booking", 1_000_000),
)  # fmt: skip
