"""How far the playbook of an alert has come, as the runs of its account tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from shared.domain.alerts import OUTCOMES, RUN_OUTCOMES

Form = Mapping[str, Any]
SOON = timedelta(minutes=1)
"""What waited begins at the worker's next step: far sooner, unless something keeps it."""


class Library(NamedTuple):
    """What the page knows of the playbooks, by their names."""

    titles: Mapping[str, str]
    called: frozenset[str] = frozenset()  # nothing waits for these
    cooldowns: Mapping[str, timedelta] = {}
    outcomes: Mapping[str, Sequence[str]] = {}

    def closes_with(self, run: Form) -> Sequence[str]:
        """Return the outcomes that a person chooses from to close a run.

        With an alert they are the alert's, else those of its playbook; any where that is no more.
        """
        if run["alert_id"] is not None:
            return OUTCOMES
        return self.outcomes.get(run["playbook"], RUN_OUTCOMES)


class Play(NamedTuple):
    """`run` is its own that is active, or the one it waits for; `soon` and `idle` have none.

    What waits, or is idle, may have to cool down: its playbook began lately for another alert.
    `again`: a person closed a run of its own that began before the alert was taken up again.
    `quiet`: the alert of the run is put off or muted, so none of its tasks is due.
    """

    stage: Literal["active", "done", "closed", "waits", "soon", "idle"]
    run: Form | None = None
    cools: bool = False
    again: bool = False
    quiet: bool = False


class NextAction(NamedTuple):
    """What to do next on a live alert, as every page says it.

    `title` is that of the task to do, of the run that the playbook waits for as well, else of the
    playbook itself; None where the stage of the play says what to do, or the library has no title.
    `first_due_at`: when the alert wants its first action, where nobody has begun and the task is
    due later.
    """

    play: Play
    playbook: str
    title: str | None
    due_at: datetime
    first_due_at: datetime | None = None


def play_of(
    alert: Form, runs: Sequence[Form], library: Library, now: datetime, since: datetime
) -> Play:
    """Return how far the playbook of a live alert has come; `runs` are all of its account.

    A run that ended with its alert says nothing of the alert that is open again, nor does one
    that a person closed and that began before `since`, when the alert was taken up again.
    """
    kept = [run for run in runs if _is_own(run, alert) and run["closed_because"] is None]
    own = [run for run in kept if run["state"] == "active" or run["started_at"] >= since]
    again = len(kept) > len(own)
    if active := next((run for run in own if run["state"] == "active"), None):
        return Play("active" if open_tasks(active) else "done", active)
    if own:
        return Play("closed")
    for run in sorted(runs, key=lambda one: (one["started_at"], one["run_id"])):
        if run["state"] == "active" and run["playbook"] not in library.called:
            return Play("waits", run, _cools_down(alert, runs, library, now), again)
    cools = _cools_down(alert, runs, library, now)
    freed = _was_freed(runs, now) and not cools
    return Play("soon" if freed else "idle", cools=cools, again=again)


def telling_since(alerts: Iterable[Form], library: Library, now: datetime) -> datetime:
    """Return since when runs of the alerts' playbooks may tell something of them."""
    times: list[datetime] = [now - SOON]
    for alert in alerts:
        cooldown = library.cooldowns.get(alert["playbook"], SOON)
        times += [alert["opened_at"], now - cooldown]
    return min(times)


def open_tasks(run: Form) -> list[dict[str, Any]]:
    """Return what is still to do, the first due first."""
    tasks = [task for task in run["tasks"] if task["state"] == "open"]
    return sorted(tasks, key=lambda task: task["due_at"])


def next_action(alert: Form, play: Play, library: Library) -> NextAction:
    """Return what to do next on an alert and by when: a task by its own date, else by the alert's.

    The alert's date is that of the first action, and past once work has begun.
    """
    tasks = open_tasks(play.run) if play.run and not play.quiet else []
    if not tasks:
        told = play.stage in {"waits", "done", "closed"}
        title = None if told else library.titles.get(alert["playbook"])
        return NextAction(play, alert["playbook"], title, alert["due_at"])
    title, due_at = tasks[0]["title"], tasks[0]["due_at"]
    first = alert["state"] != "in_progress" and alert["due_at"] < due_at
    return NextAction(play, alert["playbook"], title, due_at, alert["due_at"] if first else None)


def _is_own(run: Form, alert: Form) -> bool:
    """Tell whether a run is the alert's: begun with it, or by hand since it opened."""
    by_hand = run["alert_id"] is None and run["playbook"] == alert["playbook"]
    return run["alert_id"] == alert["alert_id"] or (
        by_hand and run["started_at"] >= alert["opened_at"]
    )


def _cools_down(alert: Form, runs: Iterable[Form], library: Library, now: datetime) -> bool:
    """Tell whether the playbook began too lately for another alert to begin again."""
    name = alert["playbook"]
    since = now - library.cooldowns.get(name, timedelta())
    others = (run for run in runs if run["alert_id"] != alert["alert_id"])
    return any(run["playbook"] == name and run["started_at"] > since for run in others)


def _was_freed(runs: Iterable[Form], now: datetime) -> bool:
    """Tell whether a run of the account was closed just now."""
    acts = (one for run in runs for one in run["history"])
    return any(one["act"] == "close" and one["at"] >= now - SOON for one in acts)
