"""What an account's status says of its silence: ours, or agreed, so that it alarms nobody."""

from __future__ import annotations

_BY_STATUS = {"on_hold": "hold", "closed": "project_end"}
_BY_REASON = {"project_end": "project_end"}
HELD_STATUSES = tuple(_BY_STATUS)


def hold_of(status: str | None, hold_reason: str | None) -> str | None:
    """Return `hold` or `project_end`; None where the status explains no silence.

    `merged` explains none: the bookings of an account that went into another count there, and one
    whose merge took no effect goes on by itself.
    """
    if status == "on_hold":
        return _BY_REASON.get(hold_reason or "", _BY_STATUS[status])
    return _BY_STATUS.get(status or "")
