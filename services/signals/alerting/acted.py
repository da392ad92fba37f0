"""What people did on alerts, as the fold takes it over."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from services.signals.alerting.alert import Action, AlertChange, Entry, Track


def see_actions(
    track: Track, actions: Sequence[Action], changes: list[AlertChange], now: int
) -> Track:
    """Return the track after people's acts: attended alerts do not expire, resolved ones end."""
    if not actions:
        return track
    entries = dict(track.entries)
    keys = {entry.alert.alert_id: key for key, entry in entries.items()}
    for act in sorted(actions, key=lambda one: one.at):
        key = keys.get(act.alert_id)
        if key is None or act.at > now:
            continue
        entry = entries[key]
        entry = replace(entry, attended=entry.attended or not _too_late(entry, act))
        if act.kind == "resolve" and entry.phase not in {"closed", "expired"}:
            entry = replace(entry, phase="closed", ended=act.at, count=0)
            changes.append(AlertChange("closed", entry.alert))
        entries[key] = entry
    return replace(track, entries=entries)


def _too_late(entry: Entry, act: Action) -> bool:
    """Return whether an open alert had expired before the act."""
    expires = entry.alert.expires_at
    return entry.phase == "open" and expires is not None and act.at >= expires
