"""The reasons of an account whose feed is silent: its silence is counted to the feed's end.

Its score is the last one with data. What that said of a silence goes on being read, and would count
days on which nobody could know whether the customer booked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

_USUAL = re.compile(r"the usual gap is [^,;]+")


def told_reasons(
    reasons: Sequence[Mapping[str, Any]],
    last_booking_at: datetime | None,
    explained: Mapping[str, Any] | None,
) -> Sequence[Mapping[str, Any]]:
    """Return the reasons, that of a silence as of the feed's end where the feed is silent."""
    if last_booking_at is None or explained is None or explained["reason"] != "no_data":
        return reasons
    return [
        {**one, "text": _told(one["text"], last_booking_at, explained["since"])}
        if one["code"] == "silence"
        else one
        for one in reasons
    ]


def _told(text: str, last: datetime, silent_since: datetime | None) -> str:
    usual = _USUAL.search(text)
    if silent_since is None or usual is None:
        return f"Last booking on {_day(last)}"
    days = (silent_since.date() - last.date()).days
    until = f"until its feed fell silent on {_day(silent_since)} (last on {_day(last)}); {usual[0]}"
    if days < 1:
        return f"Booked {until}"
    return f"No booking for {days} day{'' if days == 1 else 's'} {until}"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y}"
