"""The state of a row of `alert` as SQL, at the moment of `moment_of`."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

from shared.domain.alerts import state_sql, told_sql

STATE: ColumnElement[str] = literal_column(f"({state_sql('alert', 'moment.at')})")
TOLD: ColumnElement[bool] = literal_column(told_sql("alert"))
"""Whether there is anything to tell: an alert that ended before it opened is nothing."""
