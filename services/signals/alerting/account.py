"""What alerts and runs need to know of an account's master data, as of a moment."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from services.signals.features.facts import DAY_MICROS, EvidenceFact, Facts
from shared.domain.texts import name_of

_FIELDS = (
    "name", "tier", "kam", "team", "manager", "calendar", "time_zone", "status", "hold_reason",
    "annual_margin", "renewal_date",
)  # fmt: skip
TOP_TIERS = frozenset({"1", "a", "tier-1", "tier_1", "tier1", "key", "strategic"})


class Person(NamedTuple):
    """Somebody of ours."""

    id: str
    name: str | None = None


class TeamMember(NamedTuple):
    """Somebody of ours with a role (KAM, CS, OPS, FIN, COM, HEAD) on an account."""

    role: str
    id: str
    name: str | None = None


UNASSIGNED = Person("unassigned")


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as alerting and playbooks see it."""

    account_id: str
    name: str | None = None
    tier: str | None = None
    kam: Person | None = None
    team: tuple[TeamMember, ...] = ()
    manager: Person | None = None
    calendar: str | None = None  # ISO country
    time_zone: str | None = None
    status: str | None = None
    hold_reason: str | None = None
    annual_margin: str | None = None
    merged_at: int | None = None  # microseconds; its facts count for another account
    joined: tuple[str, ...] = ()  # accounts whose facts count for this one
    default_owner: Person = UNASSIGNED

    @property
    def owner(self) -> Person:
        """Return the KAM, else the default owner."""
        return self.kam or self.default_owner

    @property
    def is_top_tier(self) -> bool:
        """Return whether the account is of the first tier, under any usual name of it."""
        return (self.tier or "").strip().lower() in TOP_TIERS


class AccountViews:
    """The account events of a set of accounts, folded as of any moment."""

    def __init__(self, facts: Facts, default_owner: str = "unassigned") -> None:
        self._ids = facts.account_ids
        self._default, self._merged = Person(default_owner), facts.merged
        self._joined = facts.joined
        self._facts: dict[int, list[EvidenceFact]] = defaultdict(list)
        for fact in facts.evidence:
            if fact.kind == "account":
                self._facts[fact.account].append(fact)
        for items in self._facts.values():
            items.sort(key=lambda one: (one.time, one.event.source, one.event.id))
        self._times = {key: [one.time for one in items] for key, items in self._facts.items()}
        self._kept: dict[int, tuple[int, AccountView]] = {}

    def as_of(self, account: int, day: int) -> AccountView:
        """Return what is known of the account strictly before 00:00 UTC of `day`."""
        return self.before(account, day * DAY_MICROS)

    def before(self, account: int, moment: int) -> AccountView:
        """Return what is known of the account strictly before `moment` (microseconds)."""
        seen = bisect_left(self._times.get(account, ()), moment)
        kept = self._kept.get(account)
        if kept is None or kept[0] != seen:
            data: dict[str, Any] = {}
            for fact in self._facts.get(account, ())[:seen]:
                data.update({name: fact.data[name] for name in _FIELDS if name in fact.data})
            view = account_view(self._ids[account], data, self._default)
            merged_at, joined = self._merged.get(account), self._joined.get(account, ())
            kept = (seen, replace(view, merged_at=merged_at, joined=joined))
            self._kept[account] = kept
        return kept[1]


def account_view(account_id: str, data: Mapping[str, Any], default_owner: Person) -> AccountView:
    """Return the view of folded master data in the form of CONTRACT 3."""
    team = data.get("team") or ()
    margin = data.get("annual_margin")
    amount = margin.get("amount") if isinstance(margin, Mapping) else margin
    return AccountView(
        account_id=account_id,
        name=name_of(data.get("name")),
        tier=None if data.get("tier") is None else str(data["tier"]),
        kam=_person(data.get("kam")),
        team=tuple(
            TeamMember(str(one["role"]).upper(), one["id"], one.get("name")) for one in team
        ),
        manager=_person(data.get("manager")),
        calendar=data.get("calendar"),
        time_zone=data.get("time_zone"),
        status=data.get("status"),
        hold_reason=data.get("hold_reason"),
        annual_margin=None if amount is None else str(amount),
        default_owner=default_owner,
    )


def _person(value: Any) -> Person | None:
    if isinstance(value, str):
        return Person(value)
    if isinstance(value, Mapping) and value.get("id"):
        return Person(value["id"], name_of(value.get("name")))
    return None
