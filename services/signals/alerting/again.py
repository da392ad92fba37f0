"""When a condition whose alert has ended may have another one."""

from __future__ import annotations

from services.signals.alerting.alert import Entry
from services.signals.alerting.findings import Finding
from services.signals.alerting.merged import ended_by_merge
from services.signals.alerting.recovery import rests_on
from services.signals.features.facts import DAY_MICROS

REOPEN_DAYS = 14
"""Within it a machine's resolution is taken back; a person's blocks the key that long."""


def is_over(entry: Entry, finding: Finding, now: int) -> bool:
    """Return whether the finding begins a new alert.

    An expired one is over at once, one that a person resolved blocks its key for 14 days, one
    that the machine resolved may be taken back for 14 days, one that a merge ended whenever the
    merge is undone: what people did on it holds on. A person answers for what they could know:
    what happens after their act is not blocked by it.
    """
    if entry.phase == "expired":
        return True
    if ended_by_merge(entry) or entry.ended is None:
        return False
    happened = entry.phase == "closed" and _began_after(entry.ended, entry, finding)
    return happened or now >= entry.ended + REOPEN_DAYS * DAY_MICROS


def begins_at(finding: Finding, old: Entry | None, now: int) -> int:
    """Return when the alert of a finding begins that follows `old`.

    At the event that opens it at once; but now, where it only waited for its turn: it would be
    overdue as it opens.
    """
    if not finding.at_once or finding.time is None:
        return now
    if old is not None and finding.time <= max(old.alert.pending_since, old.ended or 0):
        return now
    return finding.time


def _began_after(act: int, entry: Entry, finding: Finding) -> bool:
    """Return whether the condition began after a person's act; an event's clock may be ahead."""
    return finding.time is not None and finding.time >= act and not rests_on(entry, finding)
