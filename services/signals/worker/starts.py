"""Which runs begin: what an alert asks for, at once or when the account's active run is over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from itertools import takewhile
from typing import Protocol

from msgspec.structs import replace
from sqlalchemy import Connection

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Alert, AlertChange
from services.signals.playbooks.runs import PastRun
from services.signals.store.accounts import KnownAccount
from services.signals.store.runs import StartedRun, past_runs
from shared.domain.alerts import ACCOUNT_MERGED

Works = Container[str] | None
_TOLD = frozenset({"complaint", "stakeholder"})


class Plays(Protocol):
    """Chooses playbooks and starts their runs."""

    def choose(self, alert: Alert, account: AccountView) -> str:
        """Return the playbook for an alert."""

    def is_called(self, playbook: str) -> bool:
        """Return whether a play does not count as the account's active run."""

    def start(
        self,
        alert: Alert,
        account: AccountView,
        row_id: int,
        past: Sequence[PastRun],
        now: int,
        planned_at: int | None = None,
        coverage: float = 1.0,
    ) -> StartedRun | None:
        """Return the run that an alert triggers; None where a guard refuses it.

        `planned_at` is when the work was planned that a merge had ended and that goes on now.
        """


@dataclass(frozen=True, slots=True)
class Changed:
    """One alert's change at a moment (microseconds), with the account as it was then.

    `coverage` is the share of the inputs that spoke; it matters where a run may begin.
    """

    moment: int
    index: int
    change: AlertChange
    view: AccountView
    coverage: float = 1.0


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

    def see(
        self, together: Sequence[Changed], lines: Mapping[str, Collection[str]], works: Works
    ) -> None:
        """Start what the alerts ask for that changed at one moment; what is refused waits.

        `lines` has each alert that ended, with those that it continues: what had been waiting for
        their runs begins, once all that ends now has ended. `works` names the alerts that may have
        a run already; None for all.
        """
        asking: dict[int, dict[str, Changed]] = defaultdict(dict)
        freed: dict[int, Changed] = {}
        for one in together:
            alert_id = one.change.alert.alert_id
            self._standing.setdefault(one.index, {}).pop(alert_id, None)
            asking[one.index].pop(alert_id, None)
            if is_over(one.change):
                self._set_active(one, lines[alert_id], active=False)
                freed[one.index] = one
            elif self._asks(one, works):
                self._standing[one.index][alert_id] = one.change.alert
                asking[one.index][alert_id] = one
        for index, asked in asking.items():
            end = freed.get(index)
            waiting = {} if end is None else self._waiting(end)
            self._start_all((waiting | asked).values())

    def _asks(self, one: Changed, works: Works) -> bool:
        """Return whether the alert asks for a run; one that is back has what is worked on."""
        alert = one.change.alert
        if alert.past_ends:
            self._set_active(one, [alert.alert_id], active=True)
        return _asks_for_work(one.change) and (works is None or alert.alert_id in works)

    def free(self, moment: int, index: int, view: AccountView, coverage: float) -> None:
        """Start what waits on an account."""
        standing = self._standing.get(index, {}).values()
        self._start_all(
            Changed(moment, index, AlertChange("waited", one), view, coverage) for one in standing
        )

    def _waiting(self, end: Changed) -> dict[str, Changed]:
        return {
            alert_id: replaced(end, change=AlertChange("waited", alert))
            for alert_id, alert in self._standing.get(end.index, {}).items()
        }

    def _set_active(self, one: Changed, alerts: Collection[str], *, active: bool) -> None:
        """Say whether the runs of alerts count: of one that is back, what is still worked on."""
        row_id = self._accounts[one.index].id
        self._past[row_id] = [
            replace(run, is_active=active)
            if run.alert_id in alerts and (run.worked or not active)
            else run
            for run in self._past[row_id]
        ]

    def _start_all(self, asking: Iterable[Changed]) -> None:
        """Start first what a merge had interrupted, then what opened first.

        Of what opened together, what somebody told of goes before what the score says.
        """

        def order(one: Changed) -> tuple[bool, int, bool, str]:
            alert = one.change.alert
            fresh = _planned_at(self._own_runs(one)) is None
            return fresh, alert.opened_at or 0, alert.type not in _TOLD, alert.alert_id

        for one in sorted(asking, key=order):
            self._start(one)

    def _start(self, one: Changed) -> None:
        """Start what an alert triggers, unless it did before or a guard refuses it."""
        alert, account = one.change.alert, self._accounts[one.index]
        past, own = self._past[account.id], self._own_runs(one)
        planned_at = _planned_at(own)
        if own and planned_at is None:
            return
        first = one.change.kind == "opened" and alert.reopened_at is None
        at = alert.opened_at if first and alert.opened_at else one.moment
        # What the alert had started before it was resolved is done with: it cools nothing down.
        others = [run for run in past if run.alert_id != alert.alert_id]
        started = self._plays.start(
            alert, one.view, account.id, others, at, planned_at, one.coverage
        )
        if started is None or started.run["trigger_key"] in self._triggered:
            return
        name = started.run["playbook"]
        self._triggered.add(started.run["trigger_key"])
        past.append(PastRun(name, at, True, self._plays.is_called(name), alert.alert_id))  # noqa: FBT003
        self._begun(one, started)

    def _own_runs(self, one: Changed) -> list[PastRun]:
        """Return the runs of an alert since its condition holds, and those still worked on."""
        alert = one.change.alert
        since = alert.asked_since or 0
        return [
            run
            for run in self._past[self._accounts[one.index].id]
            if run.alert_id == alert.alert_id and (run.worked or run.started_at >= since)
        ]


def _planned_at(own: Sequence[PastRun]) -> int | None:
    """Return when the work was planned that a merge ended; None where no merge ended the last."""
    if any(run.worked for run in own):
        return None
    ended = takewhile(lambda run: run.closed_because == ACCOUNT_MERGED, reversed(own))
    return min((run.started_at for run in ended), default=None)


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
