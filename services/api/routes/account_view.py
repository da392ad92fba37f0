"""One account as a page: as it is, or with what could not be done on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from services.api.bodies import MAX_SNOOZE_DAYS
from services.api.context import Context
from services.api.paging import Page
from services.api.plays import Library, due_of
from services.api.principal import POLICIES, Principal
from services.api.problems import ProblemError
from services.api.queries.account import account_detail
from services.api.queries.actors import known_actors
from services.api.queries.alerts import AlertFilter, alert_page
from services.api.queries.histories import AlertStory, alert_stories
from services.api.queries.played import plays_of, runs_telling
from services.api.queries.runs import worded
from services.api.queries.sources import has_synthetic
from services.api.queries.zones import zone_names
from services.api.ui.locales import preferred
from services.api.ui.snoozing import first_day, snooze_choices
from shared.domain.alerts import LIVE_STATES, OUTCOMES
from shared.domain.zones import odd_name, zone_of

SHOWN = Page(100)
MUTED = partial(AlertFilter, ("suppressed",))
FIELDS = ("until", "reason", "outcome", "note")
ACTS = ("acknowledge", "snooze", "resolve", "start", "complete_task", "close")


class Fault(NamedTuple):
    """What was asked for and refused: by whose form, with what in it, and why."""

    subject: str  # alert or run
    act: str
    given: Mapping[str, str]
    error: ProblemError

    @property
    def field(self) -> str:
        """Return the field that is wrong; empty where it is the state."""
        return self.error.errors[0]["path"].rpartition(".")[2] if self.error.errors else ""


def language_of(request: Request) -> str:
    """Return the reader's language."""
    return preferred(request.headers.get("accept-language"))


def library_of(context: Context, language: str = "en") -> Library:
    """Return what the page says of playbooks; nothing where this process has no library."""
    found = context.runs.playbooks() if context.runs else []
    return Library(
        {one["playbook"]: worded(one["titles"], language) for one in found},
        frozenset(one["playbook"] for one in found if one["called"]),
        {one["playbook"]: timedelta(days=one["cooldown_days"]) for one in found},
        {one["playbook"]: one["outcomes"] for one in found},
    )


def rendered(
    context: Context, request: Request, template: str, status: int = 200, **values: Any
) -> Response:
    """Return a page."""
    body = context.renderer.render(template, language=language_of(request), **values)
    return Response(body, status, {"Cache-Control": "private, no-store"}, "text/html")


def account_view(
    context: Context,
    request: Request,
    principal: Principal,
    account_id: str,
    fault: Fault | None = None,
) -> Response:
    """Return the account's page; with a fault, under the status of its refusal."""
    language = language_of(request)
    library = library_of(context, language)
    with context.database.read() as connection:
        now = context.moment(connection)
        worth = context.rates.at(now)
        account = account_detail(connection, principal, account_id, worth, context.wall)
        wanted = AlertFilter(account=account_id)
        alerts = alert_page(connection, principal, wanted, SHOWN, now)["items"]
        muted = alert_page(connection, principal, MUTED(account=account_id), SHOWN, now)["items"]
        live = [one for one in alerts if one["state"] in LIVE_STATES]
        runs = runs_telling(
            connection, principal, account_id, live, now, library, language, SHOWN.limit
        )
        plays = plays_of(connection, live, runs, now, library)
        states = {one["alert_id"]: one["state"] for one in (*alerts, *muted)}
        stories = alert_stories(connection, states)
        actors = known_actors(connection, _acted(stories, runs))
        zone_name = zone_names(connection, [account_id])[account_id]
        synthetic = has_synthetic(connection)
    past = [one for one in alerts if one["state"] not in LIVE_STATES]
    did = request.query_params.get("did")
    return rendered(
        context,
        request,
        "account.html",
        status=200 if fault is None else fault.error.status,
        account=account,
        alerts=sorted(live, key=lambda one: one["due_at"]),
        past=sorted(past, key=lambda one: one["opened_at"], reverse=True),
        stories=stories,
        asleep=_asleep(states, stories),
        **_zones(zone_name, context),
        titles=library.titles,
        plays=plays,
        dues={one["alert_id"]: due_of(one, plays[one["alert_id"]]) for one in live},
        now=now,
        data_clock=context.settings.clock == "event",
        **_by_state(runs),
        people=_people(alerts, runs) | actors.names,
        keys=actors.roles,
        may_act=principal.role in POLICIES["POST", "/alerts/{alert_id}/resolve"],
        did=did if did in ACTS else None,
        fault=fault,
        fault_said=None if fault is None else _said(fault, live, runs),
        forms=_forms(now, library),
        synthetic=synthetic,
    )


def back_to(account_id: str, did: str) -> Response:
    """Show the account again, and say what was done."""
    return RedirectResponse(f"/accounts/{quote(account_id, safe='')}?did={did}", status_code=303)


def _forms(now: datetime, library: Library) -> dict[str, Any]:
    """Return what there is to choose from."""
    return {
        "outcomes": OUTCOMES,
        "closes_with": library.closes_with,
        "ends": snooze_choices(now),
        "first": first_day(now),
        "last": (now + timedelta(days=MAX_SNOOZE_DAYS)).date(),
    }


def _zones(name: str | None, context: Context) -> dict[str, Any]:
    """Return by which zones things are due and put off, and a name that no zone has."""
    zone = zone_of(name)
    # The event clock's days are those of UTC, as the page dates them.
    return {
        "zone": zone,
        "quiet_zone": zone if context.wall else None,
        "odd_zone": odd_name(name),
    }


def _by_state(runs: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the runs that go on and those that are over, the latest first."""
    ordered = sorted(runs, key=lambda one: one["started_at"], reverse=True)
    return {
        "runs": [one for one in ordered if one["state"] != "closed"],
        "past_runs": [one for one in ordered if one["state"] == "closed"],
    }


def _asleep(states: dict[str, str], stories: dict[str, AlertStory]) -> dict[str, dict[str, Any]]:
    """Return of each alert that is put off or muted the act that did it: nothing of it is due."""
    acts = {"snoozed": "snooze", "suppressed": "suppress"}
    return {
        alert_id: next(one for one in reversed(stories[alert_id].history) if one["act"] == act)
        for alert_id, state in states.items()
        if (act := acts.get(state))
    }


def _acted(stories: dict[str, AlertStory], runs: list[dict[str, Any]]) -> set[str | None]:
    """Return those who did something on the alerts and runs."""
    histories = [one.history for one in stories.values()] + [one["history"] for one in runs]
    return {act["actor"] for history in histories for act in history}


def _people(alerts: list[dict[str, Any]], runs: list[dict[str, Any]]) -> dict[str, str]:
    """Return the names by id of those who appear on the page."""
    owners = [one["owner"] for one in (*alerts, *runs)]
    owners += [task["owner"] for run in runs for task in run["tasks"]]
    return {owner["id"]: owner["name"] for owner in owners if owner["name"]}


def _said(fault: Fault, live: list[dict[str, Any]], runs: list[dict[str, Any]]) -> str:
    """Return the word under which the page says why something was not done."""
    if fault.error.status == 409:
        active = {one["run_id"] for one in runs if one["state"] != "closed"}
        goes_on = fault.subject in active | {one["alert_id"] for one in live}
        return "fault_stale" if goes_on else "fault_ended"
    return f"fault_{fault.field}" if fault.field in FIELDS else "fault_other"
