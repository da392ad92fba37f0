"""What the CRM and the warehouse send: master data, contacts, complaints, tenders, orders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from services.cli.simulator.cast import CRM, HEAD, LANGUAGES, WMS, ZONES, Profile
from services.cli.simulator.events import local, written
from services.ingest.adapters import MappedEvent
from shared.domain.event_types import EventType

CONTACTS = (
    ("logistics", "champion"),
    ("executive", "sponsor"),
    ("operations", "operates"),
    ("finance", "influences"),
)
"""Function and influence of an account's contacts, the most important first."""

BURST = (
    (28, 3, "late", True),
    (21, 2, "damage", True),
    (14, 3, "documents", True),
    (9, 1, "damage", False),
    (4, 2, "late", False),
)
"""The complaint burst: days before the end, severity, category, solved."""


def account_event(profile: Profile, day: date, end: date, **changes: object) -> MappedEvent:
    """Return the account's master data, in full or as changes."""
    kam_id, kam_name = profile.kam
    full: dict[str, Any] = {
        "name": profile.name,
        "kam": {"id": kam_id, "name": kam_name},
        "team": [
            {"role": "CS", "id": "cs-thu", "name": "Pham Thu"},
            {"role": "OPS", "id": "ops-paulo", "name": "Paulo Lima"},
            {"role": "FIN", "id": "fin-eva", "name": "Eva Klein"},
            {"role": "HEAD", "id": HEAD[0], "name": HEAD[1]},
        ],
        "manager": {"id": HEAD[0], "name": HEAD[1]},
        "tier": profile.tier,
        "segment": profile.segment,
        "currency": "USD",
        "annual_margin": str(profile.annual_margin),
        "renewal_date": (end + timedelta(days=_renewal_days(profile))).isoformat(),
        "time_zone": ZONES[profile.home],
        "language": LANGUAGES[profile.home],
        "calendar": profile.home,
        "status": "active",
    }
    return written(
        EventType.ACCOUNT,
        source=CRM,
        id=f"{profile.account_id}/master/{day.isoformat()}",
        subject=profile.account_id,
        at=local(day, 7 * 60 + profile.number % 60, profile.offset),
        data={"name": profile.name, **changes} if changes else full,
    )


def _renewal_days(profile: Profile) -> int:
    """Return the days from the end to the account's renewal: most are not to be prepared yet."""
    if profile.story is not None and profile.story.code == "renewal_near":
        return 80
    return 200 + profile.number * 11 % 160


def contact_events(profile: Profile, day: date) -> Iterator[MappedEvent]:
    """Yield the contacts of a new account."""
    count = {"A": 4, "B": 3, "C": 3}[profile.tier]
    for position, (function, influence) in enumerate(CONTACTS[:count]):
        yield contact_event(
            profile,
            position,
            local(day, 8 * 60 + position, profile.offset),
            "joined",
            function=function,
            influence=influence,
            is_primary=position == 0,
        )


def contact_event(
    profile: Profile, position: int, at: datetime, change: str, **data: object
) -> MappedEvent:
    """Return a change of one contact; contacts are pseudonyms."""
    ref = f"{profile.account_id}-P{position + 1}"
    return written(
        EventType.CONTACT_CHANGE,
        source=CRM,
        id=f"{ref}/{change}/{at.date().isoformat()}",
        subject=profile.account_id,
        at=at,
        data={"contact_ref": ref, "change": change, **data},
    )


def complaint_events(
    profile: Profile, ref: str, day: date, random: Random, **data: Any
) -> Iterator[MappedEvent]:
    """Yield a complaint and, unless `solved` is false, its answer and solution."""
    solved = data.pop("solved", True)
    at = local(day, 9 * 60 + random.randrange(7 * 60), profile.offset)
    phases = [("opened", at, {"kind": "complaint", "cause": "us", **data})]
    phases.append(("responded", at + timedelta(hours=random.randrange(1, 5)), {}))
    if solved:
        phases.append(("solved", at + timedelta(hours=random.randrange(6, 50)), {}))
    for phase, moment, extra in phases:
        yield written(
            EventType.COMPLAINT,
            source=CRM,
            id=f"{ref}/{phase}",
            subject=profile.account_id,
            at=moment,
            data={"ticket_ref": ref, "phase": phase, **extra},
        )


def tender_event(profile: Profile, day: date, phase: str) -> MappedEvent:
    """Return a step of the yearly tender."""
    ref = f"{profile.account_id}-TENDER"
    return written(
        EventType.QUOTE,
        source=CRM,
        id=f"{ref}/{phase}",
        subject=profile.account_id,
        at=local(day, 10 * 60, profile.offset),
        data={"ref": ref, "phase": phase},
    )


def warehouse_event(profile: Profile, day: date, random: Random) -> MappedEvent:
    """Return a week's outbound work of the account's warehouse."""
    orders = random.randrange(60, 120)
    return written(
        EventType.WAREHOUSE,
        source=WMS,
        id=f"{profile.account_id}/outbound/{day.isoformat()}",
        subject=profile.account_id,
        at=local(day, 20 * 60, profile.offset),
        data={
            "site": f"{profile.home}-DC1",
            "day": day.isoformat(),
            "kind": "outbound",
            "orders": orders,
            "lines": orders * 4,
            "on_time": orders - random.randrange(4),
        },
    )
