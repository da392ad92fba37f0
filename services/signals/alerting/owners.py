"""Whose alert it is: live ones follow the KAM, ended ones keep theirs."""

from __future__ import annotations

from msgspec.structs import replace

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import AlertChange, Track


def change_owner(track: Track, account: AccountView, now: int, changes: list[AlertChange]) -> Track:
    """Give the account's live alerts to its present owner; adds one silent change for each."""
    owner = account.owner
    entries = track.entries
    for key, entry in track.entries.items():
        alert = entry.alert
        if not entry.is_live or (alert.owner_id == owner.id and alert.owner_name == owner.name):
            continue
        alert = replace(
            alert,
            owner_id=owner.id,
            owner_name=owner.name,
            machine_version=alert.machine_version + 1,
            updated_at=now,
        )
        changes.append(AlertChange("owner_changed", alert))
        entries = {**entries, key: replace(entry, alert=alert)}
    return track if entries is track.entries else replace(track, entries=entries)
