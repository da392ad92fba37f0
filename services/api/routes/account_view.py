"""One account as a page: as it is, or with what could not be done on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from services.api.addresses import account_address
from services.api.context import Context
from services.api.plays import Library
from services.api.principal import POLICIES, Principal
from services.api.problems import ProblemError
from services.api.queries.account import account_detail
from services.api.queries.account_work import AccountWork, account_work
from services.api.queries.actors import known_actors
from services.api.queries.sources import has_synthetic
from services.api.queries.zones import zone_names
from services.api.routes.rendered import language_of, library_of, rendered
from services.api.ui.snoozing import days_ahead, snooze_choices
from shared.domain.alerts import OUTCOMES
from shared.domain.zones import odd_name, zone_of

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
        cursor = request.query_params.get("past") or None
        worked = account_work(connection, principal, account_id, now, library, language, cursor)
        actors = known_actors(connection, worked.actors)
        zone_name = zone_names(connection, [account_id])[account_id]
        synthetic = has_synthetic(connection)
    did = request.query_params.get("did")
    return rendered(
        context,
        request,
        "account.html",
        status=200 if fault is None else fault.error.status,
        account=account,
        work=worked,
        cursor=cursor,
        **_zones(zone_name, context),
        titles=library.titles,
        now=now,
        data_clock=context.settings.clock == "event",
        people=worked.people | actors.names,
        keys=actors.roles,
        may_act=principal.role in POLICIES["POST", "/alerts/{alert_id}/resolve"],
        operates=principal.operates,
        did=did if did in ACTS else None,
        fault=fault,
        fault_said=None if fault is None else _said(fault, worked),
        forms=_forms(now, library, quiet_zone(zone_name, context) or UTC),
        synthetic=synthetic,
    )


def back_to(account_id: str, did: str) -> Response:
    """Show the account again, and say what was done."""
    return RedirectResponse(account_address(account_id, did=did), status_code=303)


def quiet_zone(name: str | None, context: Context) -> tzinfo | None:
    """Return the zone by whose clock an account's alerts are put off; None where none is named.

    The event clock's days are those of UTC, as the page dates them.
    """
    return zone_of(name) if context.wall else None


def _forms(now: datetime, library: Library, zone: tzinfo) -> dict[str, Any]:
    """Return what there is to choose from."""
    first, last = days_ahead(now, zone)
    return {
        "outcomes": OUTCOMES,
        "closes_with": library.closes_with,
        "ends": snooze_choices(now),
        "first": first,
        "last": last,
    }


def _zones(name: str | None, context: Context) -> dict[str, Any]:
    """Return by which zones things are due and put off, and a name that no zone has."""
    return {
        "zone": zone_of(name),
        "quiet_zone": quiet_zone(name, context),
        "odd_zone": odd_name(name),
    }


def _said(fault: Fault, worked: AccountWork) -> str:
    """Return the word under which the page says why something was not done."""
    if fault.error.status == 409:
        return "fault_stale" if fault.subject in worked.going_on else "fault_ended"
    return f"fault_{fault.field}" if fault.field in FIELDS else "fault_other"
