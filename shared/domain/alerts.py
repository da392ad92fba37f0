"""The states of an alert, derived from times: one table, read as Python and as SQL.

The first rule whose conditions all hold names the state. Times are microseconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

STATES = (
    "pending", "open", "acknowledged", "in_progress", "snoozed", "suppressed", "resolved",
    "expired",
)  # fmt: skip
LIVE_STATES = ("open", "acknowledged", "in_progress", "snoozed")
"""States that still ask something of a person."""
ALERT_TYPES = (
    "churn_risk", "volume_erosion", "silent_lane_loss", "complaint", "stakeholder", "no_recovery",
    "nomination_shift", "renewal",
)  # fmt: skip
OUTCOMES = (
    "recovered_by_action", "recovered_alone", "saved_after_competitive_attack", "partial_loss",
    "lost", "false_alarm", "explained_change", "accepted_risk", "duplicate",
)  # fmt: skip
RUN_ONLY_OUTCOMES = (
    "completed", "renewed", "renewed_reduced", "not_renewed", "expanded", "declined_by_customer",
    "abandoned",
)  # fmt: skip
RUN_OUTCOMES = OUTCOMES + RUN_ONLY_OUTCOMES
"""Outcomes of a run without an alert; a run with one closes with one of OUTCOMES."""
SNOOZE_ACTS = ("snooze", "acknowledge")
"""The last of these says until when an alert is snoozed: who acknowledges it takes it up."""
SUPPRESSIONS = (
    "season", "hold", "project_end", "no_data", "market", "insufficient_data", "merged",
    "merge_undone",
)  # fmt: skip


class AlertTimes(NamedTuple):
    """All that a state depends on: the machine's marks, then people's acts."""

    opened_at: int | None = None
    resolved_at: int | None = None  # by the machine
    suppressed_reason: str | None = None
    expires_at: int | None = None
    acknowledged_at: int | None = None  # first acknowledgement
    snoozed_at: int | None = None  # first snooze
    snoozed_until: int | None = None  # of the latest snooze; an acknowledgement after it ends it
    closed_at: int | None = None  # a person resolved it
    worked_at: int | None = None  # first act on one of its runs


class Condition(NamedTuple):
    """A test of one field: `set`, `unset`, `past` (at or before now) or `ahead` (after now).

    `late` compares with another field: unset, or not before that one.
    """

    test: str
    field: str
    limit: str = "expires_at"


RULES: tuple[tuple[str, tuple[Condition, ...]], ...] = (
    ("resolved", (Condition("set", "resolved_at"),)),  # first, since SQL need not look it up
    ("resolved", (Condition("set", "closed_at"),)),
    ("suppressed", (Condition("set", "suppressed_reason"),)),
    ("pending", (Condition("unset", "opened_at"),)),
    ("expired", (
        Condition("past", "expires_at"), Condition("late", "acknowledged_at"),
        Condition("late", "snoozed_at"), Condition("late", "worked_at"),
    )),
    ("snoozed", (Condition("ahead", "snoozed_until"),)),
    ("in_progress", (Condition("set", "worked_at"),)),
    ("acknowledged", (Condition("set", "acknowledged_at"),)),
)  # fmt: skip
OTHERWISE = "open"
_TIMED = next(
    at for at, (_, conditions) in enumerate(RULES)
    if any(one.test in {"past", "ahead"} for one in conditions)
)  # fmt: skip
STATES_BY_TIME = frozenset({OTHERWISE, *(state for state, _ in RULES[_TIMED:])})
"""Between these an alert moves by time alone, and from all others never."""

_Value = int | str | None
_PYTHON: Mapping[str, Callable[[_Value, _Value, int], bool]] = {
    "set": lambda value, *_: value is not None,
    "unset": lambda value, *_: value is None,
    "past": lambda value, _, now: isinstance(value, int) and value <= now,
    "ahead": lambda value, _, now: isinstance(value, int) and value > now,
    "late": lambda value, limit, _: (
        not (isinstance(value, int) and isinstance(limit, int) and value < limit)
    ),
}
_SQL: Mapping[str, str] = {
    "set": "{field} IS NOT NULL",
    "unset": "{field} IS NULL",
    "past": "{field} <= {now}",
    "ahead": "{field} > {now}",
    "late": "({field} < {limit}) IS NOT TRUE",
}


def alert_state(times: AlertTimes, now: int) -> str:
    """Return the state of an alert at `now` (microseconds)."""
    for state, conditions in RULES:
        if all(_holds(one, times, now) for one in conditions):
            return state
    return OTHERWISE


def case_sql(fields: Mapping[str, str], now: str) -> str:
    """Return the table as an SQL CASE over the given expressions, one per field of AlertTimes."""
    whens = []
    for state, conditions in RULES:
        tests = " AND ".join(_condition_sql(one, fields, now) for one in conditions)
        whens.append(f"WHEN {tests} THEN '{state}'")
    return f"CASE {' '.join(whens)} ELSE '{OTHERWISE}' END"


MACHINE = "leadline"
"""The actor of what happens by itself, such as closing the run of an alert that ended."""
ACCOUNT_MERGED = "account_merged"
"""Why an alert ended whose account went into another: its facts count there from then on."""
MERGE_UNDONE = "merge_undone"
"""Why an alert ended that only the facts of an account held open which went its own way again."""
ALERT_ENDS = (ACCOUNT_MERGED, MERGE_UNDONE)
RUN_ENDS = ("alert_expired", "alert_resolved", *ALERT_ENDS)
"""Why a run was closed by itself: what became of its alert."""
MERGED = "merged"
"""What explains a fall, one of SUPPRESSIONS, and the end of an alert whose account was merged."""
MERGE_ENDS = {MERGED: ACCOUNT_MERGED, MERGE_UNDONE: MERGE_UNDONE}
"""Of the suppressions those with which a merge or its undoing ends an alert: why, as it is told."""
UNTOUCHED = "abandoned"
"""The outcome of a run that nobody worked on when its alert expired."""


def closed_because(state: str, suppressed_reason: str | None) -> str | None:
    """Return why an alert ended by itself where a merge or its undoing ended it, else None."""
    if state != "resolved":
        return None
    return MERGE_ENDS.get(suppressed_reason or "")


def state_sql(alert: str = "alert", now: str = ":now") -> str:
    """Return the state as SQL over a row of table `alert` under the alias `alert`.

    `now` is the SQL of the moment in microseconds, such as a bound parameter. People's acts are
    looked up in alert_action, work on its runs in playbook_run and run_action.
    """
    own = f"act.alert_id = {alert}.alert_id"
    fields = {
        name: f"{alert}.{name}"
        for name in ("opened_at", "resolved_at", "suppressed_reason", "expires_at")
    }
    first = "(SELECT min(act.at) FROM alert_action act WHERE {own} AND act.kind = '{kind}')"
    fields["acknowledged_at"] = first.format(own=own, kind="acknowledge")
    fields["snoozed_at"] = first.format(own=own, kind="snooze")
    fields["closed_at"] = first.format(own=own, kind="resolve")
    fields["snoozed_until"] = (
        f"(SELECT act.until FROM alert_action act WHERE {own}"
        f" AND act.kind IN {SNOOZE_ACTS} ORDER BY act.id DESC LIMIT 1)"
    )
    fields["worked_at"] = (
        "(SELECT min(act.at) FROM playbook_run run JOIN run_action act ON act.run_id = run.run_id"
        f" WHERE run.alert_id = {alert}.alert_id AND act.actor <> '{MACHINE}')"
    )
    return case_sql(fields, now)


def told_sql(alert: str = "alert") -> str:
    """Return as SQL whether an alert is to be told of: it opened, or has not ended yet.

    What ended while muted or pending was never opened: there is nothing to show or to count.
    """
    closed = (
        f"(SELECT min(act.at) FROM alert_action act WHERE act.alert_id = {alert}.alert_id"
        " AND act.kind = 'resolve')"
    )
    return f"({alert}.opened_at IS NOT NULL OR ({alert}.resolved_at IS NULL AND {closed} IS NULL))"


def _holds(condition: Condition, times: AlertTimes, now: int) -> bool:
    value, limit = getattr(times, condition.field), getattr(times, condition.limit)
    return _PYTHON[condition.test](value, limit, now)


def _condition_sql(condition: Condition, fields: Mapping[str, str], now: str) -> str:
    field, limit = fields[condition.field], fields[condition.limit]
    return _SQL[condition.test].format(field=field, limit=limit, now=now)
