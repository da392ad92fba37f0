"""What an account's status says of its silence: ours, or agreed, so that it alarms nobody."""

from __future__ import annotations

_BY_STATUS = {"on_hold": "hold", "closed": "project_end", "merged": "merged"}
_BY_REASON = {"project_end": "project_end"}
HELD_STATUSES = tuple(_BY_STATUS)


def hold_of(status: str | None, hold_reason: str | None) -> str | None:
    """Return `hold`, `project_end` or `merged`; None where the status explains no silence."""
    if status == "on_hold":
        return _BY_REASON.get(hold_reason or "", _BY_STATUS[status])
    return _BY_STATUS.get(status or "")
