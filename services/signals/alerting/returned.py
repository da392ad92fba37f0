"""What a merge had ended and its undoing brings back, though its condition is over by now."""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec.structs import replace

from services.signals.alerting.alert import AlertChange, Entry, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.life import (
    EXPIRY_DAYS,
    RECOVERING_DAYS,
    Moment,
    due_at,
    stays,
)
from services.signals.alerting.merged import ended_by_merge
from services.signals.features.facts import DAY_MICROS


def take_up(
    track: Track,
    moment: Moment,
    holding: Container[str],
    over: Mapping[str, Finding],
    changes: list[AlertChange],
) -> Track:
    """Take up again what would be open had there been no merge, while it recovers.

    What holds (`holding`, by key) is no matter of this: its next evaluation takes it up.
    """
    entries = dict(track.entries)
    for key, entry in track.entries.items():
        if key in holding or not ended_by_merge(entry) or entry.merged_from != "open":
            continue
        since = None if stays(entry, moment) else _leaving_since(entry, over.get(key), moment)
        if not _had_ended(entry, since, moment.now):
            entries[key] = _again(entry, since, moment)
            changes.append(AlertChange("opened", entries[key].alert))
    return replace(track, entries=entries)


def _leaving_since(entry: Entry, end: Finding | None, moment: Moment) -> int:
    """Return since when the condition is over: now, where nothing tells."""
    known = entry.alert.recovering_since
    if known is None and end is not None:
        known = end.until
    return moment.now if known is None else known


def _had_ended(entry: Entry, leaving_since: int | None, now: int) -> bool:
    """Return whether the alert would have ended by itself before now."""
    if leaving_since is not None and now - leaving_since >= RECOVERING_DAYS * DAY_MICROS:
        return True
    return not entry.attended and now >= (entry.alert.expires_at or now)


def _again(entry: Entry, leaving_since: int | None, moment: Moment) -> Entry:
    alert = replace(
        entry.alert,
        resolved_at=None,
        outcome=None,
        suppressed_reason=None,
        recovering_since=leaving_since,
        reopened_at=moment.now,
        due_at=due_at(moment.now, entry.alert.band, moment.account, urgent=entry.urgent),
        expires_at=moment.now + EXPIRY_DAYS * DAY_MICROS,
        machine_version=entry.alert.machine_version + 1,
        updated_at=moment.now,
    )
    return replace(entry, alert=alert, phase="open", ended=None)
