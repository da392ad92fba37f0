"""What the page's list of accounts was asked for: kept in its address, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from services.api.queries.accounts import AccountFilter
from services.api.queries.tallies import BANDS, LISTS, UNSCORED

ROWS = 50
ORDERS = {
    "to_keep": "-to_keep",
    "margin_at_risk": "-margin_at_risk",
    "name": "name",
    "longest_silent": "last_booking_at",
    "last_booked": "-last_booking_at",
}
"""Name of the order on the page -> sort of the list; the first is the default."""
SITUATIONS = (*LISTS, *UNSCORED)
NOBODY, PERSON = "none", "id:"
MAX_Q = 200


class Listing(NamedTuple):
    """The fields of the form; empty where nothing was chosen."""

    q: str = ""
    band: str = ""
    situation: str = ""
    owner: str = ""  # `none`, or `id:` and the KAM's id
    alerts: str = ""  # `open`
    sort: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Listing:
        """Return what an address asks for; what it does not know of is left out."""
        owner, q = _owner(given), given.get("q", "").replace("\0", "").strip()
        return cls(
            q=q[:MAX_Q],
            band=_known(given.get("band"), BANDS),
            situation=_known(given.get("situation"), SITUATIONS),
            owner=owner if _is_owner(owner) else "",
            alerts=_known(given.get("alerts"), ("open",)),
            sort=_known(given.get("sort"), tuple(ORDERS)),
        )

    @property
    def restricts(self) -> bool:
        """Tell whether it leaves accounts out."""
        return any(self[:-1])

    @property
    def explained_last(self) -> bool:
        """Tell whether its order puts those whose risk is explained behind the others."""
        return ORDERS[self.sort or next(iter(ORDERS))] in {"-to_keep", "-margin_at_risk"}

    def filter(self, alerting: Iterable[str]) -> AccountFilter:
        """Return the filter; `alerting` are the ids of the accounts with open alerts.

        A band is that of accounts that are scored now: of those who are gone it tells nothing.
        """
        state = "" if self.situation in LISTS else self.situation
        scored = bool(self.band or self.situation in LISTS)
        return AccountFilter(
            kam=self.owner.removeprefix(PERSON) if self.owner.startswith(PERSON) else None,
            band=self.band or None,
            list=self.situation if self.situation in LISTS else None,
            state=state or ("scored" if scored else None),
            q=self.q or None,
            sort=ORDERS[self.sort or next(iter(ORDERS))],
            unowned=self.owner == NOBODY,
            among=tuple(alerting) if self.alerts else None,
        )

    def address(self, **changes: str) -> str:
        """Return the address of the list with some fields changed."""
        fields = self._asdict() | changes
        query = urlencode({name: value for name, value in fields.items() if value})
        return f"/?{query}#all" if query else "/#all"


def unknown_filters(given: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of an address whose value is none that they take."""
    asked = {name: given.get(name, "") for name in Listing._fields if name != "q"}
    asked["owner"] = _owner(given)
    known = Listing.read(given)._asdict()
    return {name: value for name, value in asked.items() if value != known[name]}


def _owner(given: Mapping[str, str]) -> str:
    """Return whose accounts are asked for; the API says `kam` for who it is."""
    kam = given.get("kam", "")
    return given.get("owner", "") or (PERSON + kam if kam else "")


def _is_owner(owner: str) -> bool:
    return owner == NOBODY or (owner.startswith(PERSON) and "\0" not in owner)


def _known(given: str | None, names: tuple[str, ...]) -> str:
    return given if given in names else ""
