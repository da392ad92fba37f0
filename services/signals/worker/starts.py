"""Which runs begin: what an alert asks for, at once or when the account's active run is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy import Connection

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Alert, AlertChange
from services.signals.playbooks.runs import PastRun
from services.signals.store.accounts import KnownAccount
from services.signals.store.runs import StartedRun, past_runs


class Plays(Protocol):
    """Chooses playbooks and starts their runs."""

    def choose(self, alert: Alert, account: AccountView) -> str:
        """Return the playbook for an alert."""

    def is_called(self, playbook: str) -> bool:
        """Return whether a play does not count as the account's active run."""

    def start(
        self, alert: Alert, account: AccountView, row_id: int, past: Sequence[PastRun], now: int
    ) -> StartedRun | None:
        """Return the run that an alert triggers; None where a guard refuses it."""


@dataclass(frozen=True, slots=True)
class Changed:
    """One alert's change at a moment (microseconds), with the account as it was then."""

    moment: int
    index: int
    change: AlertChange
    view: AccountView


class Begun(Protocol):
    """Called with each run that begins and what began it."""

    def __call__(self, one: Changed, started: StartedRun) -> None:
        """Take note of it."""


class Starts:
    """Starts runs within the guards, in the order in which things happen.

    `standing` are, by index, the open alerts that may have a run by what happened before: those
    that wait for the account's active run get theirs when it is over.
    """

    def __init__(
        self,
        connection: Connection,
        accounts: Sequence[KnownAccount],
        plays: Plays,
        standing: Mapping[int, Iterable[Alert]],
        begun: Begun,
    ) -> None:
        self._connection, self._accounts, self._plays = connection, accounts, plays
        self._standing = {
            index: {one.alert_id: one for one in alerts} for index, alerts in standing.items()
        }
        self._begun = begun
        self._past: dict[int, list[PastRun]] = {}
        self._triggered: set[str] = set()

    def look(self, indices: Collection[int]) -> None:
        """Read the runs that these accounts have."""
        ids = {self._accounts[index].id for index in indices}
        self._past, self._triggered = past_runs(self._connection, ids, self._plays.is_called)

    def see(self, one: Changed, *, may_start: bool) -> None:
        """Start what the alert asks for; what is refused waits."""
        waiting = self._standing.setdefault(one.index, {})
        waiting.pop(one.change.alert.alert_id, None)
        if may_start and _asks_for_work(one.change):
            waiting[one.change.alert.alert_id] = one.change.alert
            self._start(one)

    def end(self, one: Changed, line: Collection[str]) -> None:
        """Free the account of the runs of an ended alert and those that it continues (`line`)."""
        row_id = self._accounts[one.index].id
        self._past[row_id] = [
            replace(run, is_active=False) if run.alert_id in line else run
            for run in self._past[row_id]
        ]
        self.free(one.moment, one.index, one.view)

    def free(self, moment: int, index: int, view: AccountView) -> None:
        """Start what waits on an account, the alert that opened first before the others."""
        waiting = self._standing.get(index, {}).values()
        for alert in sorted(waiting, key=lambda one: (one.opened_at or 0, one.alert_id)):
            self._start(Changed(moment, index, AlertChange("waited", alert), view))

    def _start(self, one: Changed) -> None:
        """Start what an alert triggers, unless it did before or a guard refuses it."""
        alert, account = one.change.alert, self._accounts[one.index]
        past, again = self._past[account.id], alert.reopened_at
        own = [run for run in past if run.alert_id == alert.alert_id]
        if any(again is None or run.worked or run.started_at >= again for run in own):
            return
        first = one.change.kind == "opened" and again is None
        at = alert.opened_at if first and alert.opened_at else one.moment
        # What the alert had started before it was resolved is done with: it cools nothing down.
        others = [run for run in past if run.alert_id != alert.alert_id]
        started = self._plays.start(alert, one.view, account.id, others, at)
        if started is None or started.run["trigger_key"] in self._triggered:
            return
        name = started.run["playbook"]
        self._triggered.add(started.run["trigger_key"])
        past.append(PastRun(name, at, True, self._plays.is_called(name), alert.alert_id))  # noqa: FBT003
        self._begun(one, started)


def is_over(change: AlertChange) -> bool:
    """Tell whether the alert's run is done with: the alert that continues it may start its own."""
    return change.alert.resolved_at is not None or change.kind in {"closed", "expired"}


def _asks_for_work(change: AlertChange) -> bool:
    alert = change.alert
    return (
        alert.opened_at is not None
        and alert.suppressed_reason is None
        and not alert.deferred
        and not is_over(change)
    )
