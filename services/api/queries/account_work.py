"""What there is to do on an account, and what was done: its alerts and its runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection

from services.api.paging import Page
from services.api.plays import Library, NextAction, next_action
from services.api.principal import Principal
from services.api.queries.alerts import SHOWN_STATES, AlertFilter, alert_page, latest_page
from services.api.queries.histories import AlertStory, alert_stories
from services.api.queries.played import plays_of, runs_telling
from shared.domain.alerts import LIVE_STATES

SHOWN = Page(100)
"""Of each kind; what is live is asked for by itself, so that no number of past alerts hides it."""
_PAST_STATES = tuple(state for state in SHOWN_STATES if state not in LIVE_STATES)
_QUIETED_BY = {"snoozed": "snooze", "suppressed": "suppress"}

Form = dict[str, Any]


class AccountWork(NamedTuple):
    """Alerts and runs of one account at one moment, in the order of a page."""

    live: list[Form]  # what is due first, first
    past: list[Form]  # a page of them, the latest first
    earlier: str | None  # the cursor of those before
    muted: list[Form]
    runs: list[Form]  # the latest first
    nexts: dict[str, NextAction]  # by live alert
    stories: dict[str, AlertStory]  # by alert

    @property
    def active_runs(self) -> list[Form]:
        """Return the runs that go on."""
        return [one for one in self.runs if one["state"] != "closed"]

    @property
    def past_runs(self) -> list[Form]:
        """Return the runs that are over."""
        return [one for one in self.runs if one["state"] == "closed"]

    @property
    def going_on(self) -> set[str]:
        """Return the ids of live alerts and active runs."""
        return {one["alert_id"] for one in self.live} | {one["run_id"] for one in self.active_runs}

    @property
    def asleep(self) -> dict[str, Form]:
        """Return of each alert that is put off or muted the act that did it: none of it is due."""
        quieted = (
            (one["alert_id"], act)
            for one in (*self.live, *self.past, *self.muted)
            if (act := _QUIETED_BY.get(one["state"]))
        )
        return {
            alert_id: next(
                one for one in reversed(self.stories[alert_id].history) if one["act"] == act
            )
            for alert_id, act in quieted
        }

    @property
    def actors(self) -> set[str | None]:
        """Return those who did something."""
        told = [one.history for one in self.stories.values()] + [
            one["history"] for one in self.runs
        ]
        return {act["actor"] for history in told for act in history}

    @property
    def people(self) -> dict[str, str]:
        """Return the names by id of the owners of alerts, runs and tasks."""
        owners = [one["owner"] for one in (*self.live, *self.past, *self.runs)]
        owners += [task["owner"] for run in self.runs for task in run["tasks"]]
        return {owner["id"]: owner["name"] for owner in owners if owner["name"]}


def account_work(
    connection: Connection,
    principal: Principal,
    account_id: str,
    now: datetime,
    library: Library,
    language: str,
    cursor: str | None = None,
) -> AccountWork:
    """Return an account's alerts and runs; words of runs in a language.

    The cursor is that of a page of its past alerts; 422 where it is none.
    """

    def alerts_in(*states: str) -> list[Form]:
        wanted = AlertFilter(states, account=account_id)
        found: list[Form] = alert_page(connection, principal, wanted, SHOWN, now)["items"]
        return found

    live = alerts_in(*LIVE_STATES)
    ended = AlertFilter(_PAST_STATES, account=account_id)
    past = latest_page(connection, principal, ended, SHOWN._replace(cursor=cursor), now)
    muted = alerts_in("suppressed")
    runs = runs_telling(
        connection, principal, account_id, live, now, library, language, SHOWN.limit
    )
    states = {one["alert_id"]: one["state"] for one in (*live, *past["items"], *muted)}
    plays = plays_of(connection, live, runs, now, library)
    return AccountWork(
        sorted(live, key=lambda one: one["due_at"]),
        past["items"],
        past["next_cursor"],
        muted,
        sorted(runs, key=lambda one: one["started_at"], reverse=True),
        {one["alert_id"]: next_action(one, plays[one["alert_id"]], library) for one in live},
        alert_stories(connection, states),
    )
