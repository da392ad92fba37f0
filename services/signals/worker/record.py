"""What a run of evaluations came to, into the tables and the outbox: one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from types import MappingProxyType

from sqlalchemy import Connection

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Action, Alert, Track, changes_by
from services.signals.store.accounts import KnownAccount
from services.signals.store.alerts import (
    alert_row,
    drop_alerts,
    earlier_alerts,
    put_alerts,
    put_tracks,
    state_of,
)
from services.signals.store.ending import End, end_runs, run_message
from services.signals.store.forms import alert_form, run_form
from services.signals.store.outbox import Message, enqueue
from services.signals.store.runs import (
    StartedRun,
    add_runs,
    hold_runs,
)
from services.signals.store.scores import Values, add_signals, signal_form
from services.signals.worker.handover import follow_owners, hand_over_runs
from services.signals.worker.starts import Changed, Plays, Starts, Works, is_over
from shared.domain.alerts import UNTOUCHED, closed_because
from shared.store.base import from_micros, to_micros
from shared.store.tables import PlaybookRunRow


class Recorder:
    """Writes what happened to the accounts of one run; `accounts` are in the facts' order."""

    def __init__(
        self,
        connection: Connection,
        accounts: Sequence[KnownAccount],
        actions: Mapping[int, Sequence[Action]],
        plays: Plays,
        now: datetime,
        standing: Mapping[int, Iterable[Alert]] = MappingProxyType({}),
        *,
        told_as_known: bool = False,
    ) -> None:
        """Begin; `told_as_known` tells an alert with all that people did on it until now.

        On the wall clock a look may tell a midnight after which somebody acted already. Versions
        count that act, so it must be told with them: no later event would. On the event clock
        people act at a midnight that was evaluated, and a rebuild tells each day as it was.
        """
        self._told_as_known = told_as_known
        self._connection, self._accounts, self._actions = connection, accounts, actions
        self._now = now
        self._starts = Starts(connection, accounts, plays, standing, self._begin)
        self._runs: list[StartedRun] = []  # that begin now
        self._messages: list[tuple[int, int, Message]] = []  # by moment, in order of writing
        self._previous: dict[str, str | None] = {}  # of the alerts of this run
        self.opened: list[Alert] = []

    def signals(self, rows: Sequence[tuple[int, Values, bool]]) -> None:
        """Store signals, and tell those that are news."""
        add_signals(self._connection, [(self._accounts[at].id, values) for at, values, _ in rows])
        for index, values, news in rows:
            if not news:
                continue
            account, moment = self._accounts[index], to_micros(values["as_of"])
            self._say(
                moment,
                Message(
                    "signal", f"{account.account_id}/{moment}", 1, account.account_id,
                    account.kam_id, values["as_of"], signal_form(account, values),
                ),
            )  # fmt: skip

    def alerts(self, changes: Sequence[Changed], *, works: Works = None) -> None:
        """Store alerts, tell their changes, start what they trigger.

        `works` names the alerts that may start a run already; None for all.
        """
        # What opened first gets the account's one active run: a departure before the risk that it
        # raises at the next evaluation.
        changes = sorted(changes, key=_in_time)
        rows: dict[str, dict[str, object]] = {}
        dropped = []
        self._starts.look({one.index for one in changes})
        for _, moment in groupby(changes, key=lambda one: one.moment):
            together = list(moment)
            for one in together:
                alert_id = one.change.alert.alert_id
                if one.change.kind == "dropped":
                    rows.pop(alert_id, None)
                    dropped.append(alert_id)
                else:
                    rows[alert_id] = self._written(one)
            ended = [one.change.alert for one in together if is_over(one.change)]
            lines = {alert.alert_id: self._line(alert) for alert in ended}
            self._starts.see(together, lines, works)
        drop_alerts(self._connection, dropped)
        put_alerts(self._connection, list(rows.values()))
        self._add_runs()
        for one in changes:
            if one.change.kind == "owner_changed":
                self._hand_over(one)
            elif one.change.kind in {"resolved", "closed", "expired"}:
                self._close_runs(one)

    def _written(self, one: Changed) -> dict[str, object]:
        """Return the row of an alert after its change, which is told to whom it concerns."""
        alert = one.change.alert
        silent = alert.opened_at is None or one.change.kind == "admitted"
        version = self._version(one) if silent else self._tell(one)
        if one.change.kind == "opened" and alert.reopened_at is None:
            self.opened.append(alert)
        self._previous[alert.alert_id] = alert.previous_alert_id
        return alert_row(alert, self._accounts[one.index].id, version)

    def free(self, index: int, moment: int, view: AccountView, coverage: float) -> None:
        """Start what waited for the account's active run, which is over."""
        self._starts.look({index})
        self._starts.free(moment, index, view, coverage)
        self._add_runs()

    def owners(self, moment: int, view: Callable[[int], AccountView]) -> None:
        """Let runs that go on without a live alert follow the accounts' owners, too."""
        follow_owners(self._connection, self._accounts, view, from_micros(moment))

    def tracks(self, before: Sequence[Track], after: Sequence[Track]) -> None:
        """Store the memories that changed."""
        put_tracks(
            self._connection,
            {
                account.id: new
                for account, old, new in zip(self._accounts, before, after, strict=True)
                if new is not old and new != old
            },
        )

    def send(self) -> None:
        """Put everything said into the outbox, in the order in which it happened."""
        self._messages.sort(key=lambda one: one[:2])
        enqueue(self._connection, [message for _, _, message in self._messages], self._now)
        self._messages.clear()

    def _say(self, moment: int, message: Message) -> None:
        self._messages.append((moment, len(self._messages), message))

    def _tell(self, one: Changed) -> int:
        """Tell an alert's change; returns the version that was told."""
        alert, account = one.change.alert, self._accounts[one.index]
        acts, version, moment = self._acts(one), self._version(one), one.moment
        if self._told_as_known:
            moment = max(moment, to_micros(self._now))
        else:
            acts = [act for act in acts if act.at <= moment]
        row = alert_row(alert, account.id, version)
        state = state_of(alert, acts, moment)
        form = alert_form(row, account.account_id, state=state, version=version, acts=acts)
        self._say(
            one.moment,
            Message(
                "alert", alert.alert_id, version, account.account_id, alert.owner_id,
                form["updated_at"], form,
            ),
        )  # fmt: skip
        return version

    def _begin(self, one: Changed, started: StartedRun) -> None:
        self._runs.append(started)
        self._tell_run(one, started, self._accounts[one.index])

    def _add_runs(self) -> None:
        runs, self._runs = self._runs, []
        tasks = [task for one in runs for task in one.tasks]
        add_runs(self._connection, [one.run for one in runs], tasks)

    def _acts(self, one: Changed) -> list[Action]:
        alert_id = one.change.alert.alert_id
        return [act for act in self._actions.get(one.index, ()) if act.alert_id == alert_id]

    def _version(self, one: Changed) -> int:
        """Return the machine's changes and people's acts together."""
        return one.change.alert.machine_version + changes_by(self._acts(one))

    def _tell_run(self, one: Changed, started: StartedRun, account: KnownAccount) -> None:
        run = started.run
        form = run_form(run, started.tasks, [], account.account_id, account.language)
        self._say(
            one.moment,
            Message(
                "run", run["run_id"], run["machine_version"], account.account_id, run["owner_id"],
                run["started_at"], form,
            ),
        )  # fmt: skip

    def _close_runs(self, one: Changed) -> None:
        """Close what an ended alert, or one that it continues, had started."""
        alert, because, outcome = one.change.alert, "alert_resolved", one.change.alert.outcome
        if one.change.kind == "expired":
            because, outcome = "alert_expired", UNTOUCHED
        elif one.change.kind == "resolved":
            because = closed_because("resolved", alert.suppressed_reason) or because
        elif one.change.kind == "closed":
            acts = [act for act in self._acts(one) if act.kind == "resolve"]
            outcome = acts[-1].outcome if acts else None
        if outcome is None:
            return
        ended = end_runs(
            self._connection,
            self._line(alert),
            End(outcome, because, from_micros(one.moment)),
            by_hand=one.change.kind == "closed",
        )
        for run, done in ended:
            message = run_message(self._connection, run, done, self._accounts[one.index])
            self._say(one.moment, message)

    def _line(self, alert: Alert) -> list[str]:
        """Return the alert's id and those of the alerts that it continues, stored or not yet."""
        line, previous = [alert.alert_id], alert.previous_alert_id
        while previous in self._previous and previous not in line:
            line.append(previous)
            previous = self._previous[previous]
        return line if previous is None else line + earlier_alerts(self._connection, previous)

    def _hand_over(self, one: Changed) -> None:
        """Let the active runs of an alert follow its owner."""
        runs = hold_runs(self._connection, PlaybookRunRow.alert_id == one.change.alert.alert_id)
        hand_over_runs(self._connection, runs, one.view, from_micros(one.moment))


def _in_time(one: Changed) -> tuple[int, int]:
    return one.moment, one.change.alert.opened_at or one.moment
