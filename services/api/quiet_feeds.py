"""The reasons of an account whose feed is silent: its silence is counted to the feed's end.

Its score is the last one with data. What that said of a silence goes on being read, and would count
days on which nobody could know whether the customer booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from shared.domain.figures import date_text


def told_reasons(
    reasons: Sequence[Mapping[str, Any]],
    last_booking_at: datetime | None,
    explained: Mapping[str, Any] | None,
) -> Sequence[Mapping[str, Any]]:
    """Return the reasons, that of a silence as of the feed's end where the feed is silent."""
    told = [{name: one[name] for name in one if name != "usual_gap"} for one in reasons]
    if last_booking_at is None or explained is None or explained["reason"] != "no_data":
        return told
    return [
        {**one, "text": _told(kept, last_booking_at, explained["since"])}
        if one["code"] == "silence"
        else one
        for one, kept in zip(told, reasons, strict=True)
    ]


def _told(kept: Mapping[str, Any], last: datetime, silent_since: datetime | None) -> str:
    usual_gap, worked = kept.get("usual_gap"), "warehouse work" in kept["text"]
    sign = "booking or warehouse work" if worked else "booking"
    if silent_since is None or usual_gap is None:
        return f"Last {sign} on {date_text(last)}"
    days = (silent_since.date() - last.date()).days
    until = (
        f"until its feed fell silent on {date_text(silent_since)} (last on {date_text(last)});"
        f" the usual gap is {usual_gap}"
    )
    if days < 1:
        return f"{'Booking or warehouse work' if worked else 'Booked'} {until}"
    return f"No {sign} for {days} day{'' if days == 1 else 's'} {until}"
