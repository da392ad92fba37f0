"""Key accounts that hang on one person: everybody else whom the CRM knew has gone, or never was."""

from __future__ import annotations

from collections.abc import Sequence

from services.signals.alerting.account import AccountViews
from services.signals.alerting.findings import Finding
from services.signals.features.contacts import Contact, ContactBook
from services.signals.features.facts import DAY_MICROS, Facts
from services.signals.scoring.words import day_text

ALONE_DAYS = 180
"""How long one contact may be the only one: who left a moment ago has a play of their own."""


class CoverageWatch:
    """The accounts with contacts, ready to be asked for any day."""

    def __init__(self, facts: Facts, views: AccountViews) -> None:
        self._book, self._views = ContactBook(facts), views

    def findings(self, day: int) -> list[Finding]:
        """Return the accounts of the first tier with one contact only as of 00:00 UTC of `day`."""
        found = []
        for account in self._book.accounts:
            if not self._views.as_of(account, day).is_top_tier:
                continue
            alone = _alone(self._book.as_of(account, day))
            if alone is not None and alone[0] < (day - ALONE_DAYS) * DAY_MICROS:
                found.append(_finding(account, *alone))
        return found


def _alone(contacts: Sequence[Contact]) -> tuple[int, Contact] | None:
    """Return since when (microseconds) one contact is the only one, and who; None if it is not."""
    active = [one for one in contacts if one.is_active]
    if len(active) != 1:
        return None
    (last,) = active
    gone = [one.changed if one.gone is None else one.gone for one in contacts if one is not last]
    return max([last.since, *gone]), last


def _finding(account: int, since: int, contact: Contact) -> Finding:
    return Finding(
        account=account,
        type="stakeholder",
        reason="coverage_gap",
        scope={"kind": "account"},
        scope_key="account",
        text=f"One contact only since {day_text(since // DAY_MICROS)}",
        events=(contact.event,),
    )
