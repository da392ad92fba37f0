"""The state of a row of `alert` as SQL, at the moment of `moment_of`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, literal_column

from shared.domain.alerts import state_sql, told_sql
from shared.store.tables import AlertActionRow, AlertRow

STATE: ColumnElement[str] = literal_column(f"({state_sql('alert', 'moment.at')})")
TOLD: ColumnElement[bool] = literal_column(told_sql("alert"))
"""Whether there is anything to tell: an alert that ended before it opened is nothing."""
ONGOING: ColumnElement[bool] = and_(
    AlertRow.resolved_at.is_(None),
    ~exists().where(AlertActionRow.alert_id == AlertRow.alert_id, AlertActionRow.kind == "resolve"),
)
"""Not resolved. Said beside a state: an index leads past the many that were, a state does not."""
