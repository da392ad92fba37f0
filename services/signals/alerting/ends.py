"""What an alert says once its condition has ended by an event."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from services.signals.alerting.alert import AlertChange, Entry, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.recovery import (
    RECOVERING_DAYS,
    appended,
    is_neglected,
    recovered_alone,
)
from services.signals.features.facts import DAY_MICROS

_LIVE = frozenset({"open", "suppressed"})


def tell_ends(
    track: Track, over: Mapping[str, Finding], now: int, changes: list[AlertChange]
) -> Track:
    """Let live alerts say how their condition ended; `over` by dedupe key. Told once.

    One that would have recovered by now, had it been told in time, ends.
    """
    entries = track.entries
    for key, finding in over.items():
        entry = track.entries.get(key)
        if entry is not None and entry.phase in _LIVE:
            fresh, change = _told(entry, finding, now), "updated"
            if _recovered(fresh, finding, now):
                fresh, change = recovered_alone(fresh, now), "resolved"
            if fresh is not entry:
                entries = {**entries, key: fresh}
                changes.append(AlertChange(change, fresh.alert))
    return track if entries is track.entries else replace(track, entries=entries)


def live_keys(track: Track) -> set[str]:
    """Return the dedupe keys of the alerts that ask for attention, or would if not muted."""
    return {key for key, entry in track.entries.items() if entry.phase in _LIVE}


def _recovered(entry: Entry, finding: Finding, now: int) -> bool:
    """Return whether the condition ended so long ago; one that is recovering has its own time."""
    late = finding.until is not None and now - finding.until >= RECOVERING_DAYS * DAY_MICROS
    return late and entry.alert.recovering_since is None and not is_neglected(entry, now)


def _told(entry: Entry, finding: Finding, now: int) -> Entry:
    alert = entry.alert
    evidence = appended(alert, finding)
    if evidence == alert.evidence:
        return entry
    alert = replace(
        alert,
        reason_text=finding.text,
        evidence=evidence,
        machine_version=alert.machine_version + 1,
        updated_at=now,
    )
    return replace(entry, alert=alert)
