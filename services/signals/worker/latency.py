"""From the arrival of an event to the alert that it opened, on the wall clock."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, tuple_

from services.signals.alerting.alert import Alert
from shared.runtime.clock import Clock
from shared.runtime.telemetry import EVENT_TO_ALERT
from shared.store.base import to_micros
from shared.store.session import Database
from shared.store.tables import EventRow, SourceRow


def observe_latency(database: Database, clock: Clock, opened: Sequence[Alert]) -> None:
    """Observe each alert that was just committed, from the newest of its events."""
    if not opened:
        return
    now = to_micros(clock.now())
    with database.read() as connection:
        for alert in opened:
            newest = connection.scalar(
                select(func.max(EventRow.arrived_at))
                .join(SourceRow, SourceRow.id == EventRow.source_id)
                .where(tuple_(SourceRow.uri, EventRow.event_id).in_(list(alert.evidence)))
            )
            if newest is not None:
                EVENT_TO_ALERT.observe(max(0.0, (now - to_micros(newest)) / 1e6))
