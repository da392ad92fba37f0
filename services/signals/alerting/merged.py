"""The alerts of an account that went into another: they end, the other's facts tell the rest."""

from __future__ import annotations

from msgspec.structs import replace

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import AlertChange, Entry, Track
from shared.domain.alerts import MERGED

OUTCOME = "explained_change"


def end_merged(track: Track, account: AccountView, now: int, changes: list[AlertChange]) -> Track:
    """End the live alerts of a merged account at its merge; pending ones are dropped.

    A merge that is told after they changed last ends them now.
    """
    at = account.merged_at
    live = {"pending", "open", "suppressed"}
    if at is None or not any(one.phase in live for one in track.entries.values()):
        return track
    entries = {key: one for key, one in track.entries.items() if one.phase not in live}
    for key, entry in track.entries.items():
        if entry.phase == "pending":
            changes.append(AlertChange("dropped", entry.alert))
        elif entry.phase in live:
            entries[key] = _ended(entry, at if at >= entry.alert.updated_at else now)
            changes.append(AlertChange("resolved", entries[key].alert))
    return Track(track.risks, track.bands, entries)


def _ended(entry: Entry, at: int) -> Entry:
    alert = replace(
        entry.alert,
        resolved_at=at,
        outcome=OUTCOME,
        suppressed_reason=MERGED,
        machine_version=entry.alert.machine_version + 1,
        updated_at=at,
    )
    return replace(entry, alert=alert, phase="resolved", ended=at, count=0)
