"""Alerts that were told from a part of an account's history, once more of it is there.

What was told stays told: such an alert ends, or goes on, as of now.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from msgspec.structs import replace

from services.signals.alerting.alert import AlertChange, Entry, Track
from services.signals.alerting.life import Moment, stays
from services.signals.alerting.merged import ended_by_merge
from services.signals.alerting.recovery import resolved

UNFOUNDED = "false_alarm"
"""The outcome of an alert that the whole history does not bear out."""


class LastWeeks(NamedTuple):
    """The last weeks of an account, folded anew by all that is known by now."""

    track: Track
    since: int  # microseconds: the first midnight that was folded
    until: int  # the last one
    moment: Moment  # now, with the score as of the last one
    acted: Collection[str]  # the ids of the alerts on which people acted


def revise(track: Track, weeks: LastWeeks, changes: list[AlertChange]) -> Track:
    """Return the track whose alerts are those that the last weeks bear out.

    Where nobody works on it, an alert ends that began within them and of which they tell nothing,
    or that it is over, and one is muted that they explain. One goes on that had ended by itself
    though they tell of no end.
    """
    entries = dict(track.entries)
    for key, entry in track.entries.items():
        anew = weeks.track.entries.get(key)
        kind, fresh = _revised(entry, anew, weeks)
        if kind is None:
            continue
        if fresh is None:
            del entries[key]
        else:
            entries[key] = fresh
        changes.append(AlertChange(kind, (fresh or entry).alert))
    return replace(track, entries=entries)


def _revised(
    entry: Entry, anew: Entry | None, weeks: LastWeeks
) -> tuple[str, Entry | None] | tuple[None, Entry]:
    """Return what becomes of an alert, and what is left of it; None where it stands."""
    now = weeks.moment.now
    if anew is not None and _goes_on(entry, anew):
        return "opened", _taken_up(entry, anew, now)
    if not entry.is_live or entry.attended or entry.alert.alert_id in weeks.acted:
        return None, entry
    if anew is not None and (entry.phase, anew.phase) == ("open", "suppressed"):
        return "suppressed", _muted(entry, anew, now)
    if not _is_unfounded(entry, anew, weeks):
        return None, entry
    if entry.phase == "pending":
        return "dropped", None
    return "resolved", _ended(entry, anew, now)


def _is_unfounded(entry: Entry, anew: Entry | None, weeks: LastWeeks) -> bool:
    began = entry.alert.opened_at or entry.alert.pending_since
    if not weeks.since <= began <= weeks.until:
        return False
    ended = anew is None or anew.phase == "resolved"
    # A fold of weeks does not know what was before them: how fast the risk had risen, say.
    return ended and weeks.moment.score.state == "scored" and not stays(entry, weeks.moment)


def _ended(entry: Entry, anew: Entry | None, now: int) -> Entry:
    """Return the entry as it ends: unfounded, or as the one did that began as it began."""
    if anew is None or anew.alert.alert_id != entry.alert.alert_id:
        return resolved(entry, now, outcome=UNFOUNDED, recovering_since=None)
    known = {name: getattr(anew.alert, name) for name in ("outcome", "reason_text", "evidence")}
    return resolved(entry, now, **known)


def _muted(entry: Entry, anew: Entry, now: int) -> Entry:
    alert = replace(
        entry.alert,
        suppressed_reason=anew.alert.suppressed_reason,
        machine_version=entry.alert.machine_version + 1,
        updated_at=now,
    )
    return replace(entry, alert=alert, phase="suppressed")


def _goes_on(entry: Entry, anew: Entry) -> bool:
    return entry.phase == "resolved" and not ended_by_merge(entry) and anew.phase == "open"


def _taken_up(entry: Entry, anew: Entry, now: int) -> Entry:
    """Return the entry that goes on as it was told, with what is known of it now."""
    told = entry.alert.taken_up(now)
    alert = replace(
        anew.alert,
        alert_id=told.alert_id,
        pending_since=told.pending_since,
        opened_at=told.opened_at or anew.alert.opened_at,
        previous_alert_id=told.previous_alert_id,
        notified_at=told.notified_at,
        past_ends=told.past_ends,
        machine_version=told.machine_version + 1,
        updated_at=now,
    )
    return replace(anew, alert=alert, notice=entry.notice)
