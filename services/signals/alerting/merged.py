"""Merges and their undoing: whose alerts end with them, and whose are taken up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace as redated

from msgspec.structs import replace

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import AlertChange, Entry, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.recovery import resolved
from services.signals.features.facts import DAY_MICROS
from shared.domain.alerts import MERGE_UNDONE, MERGED

OUTCOME = "explained_change"


def end_merged(track: Track, account: AccountView, now: int, changes: list[AlertChange]) -> Track:
    """End the live alerts of a merged account at its merge; pending ones are dropped.

    The other account's facts tell the rest. A merge that is told after they changed last ends
    them now.
    """
    at = account.merged_at
    if at is None or not any(one.is_live for one in track.entries.values()):
        return track
    entries = {key: one for key, one in track.entries.items() if not one.is_live}
    for key, entry in track.entries.items():
        if entry.phase == "pending":
            changes.append(AlertChange("dropped", entry.alert))
        elif entry.is_live:
            ended = _ended(entry, at if at >= entry.alert.updated_at else now, MERGED)
            entries[key] = replace(ended, merged_from=entry.phase)
            changes.append(AlertChange("resolved", entries[key].alert))
    return replace(track, entries=entries)


def ended_by_merge(entry: Entry) -> bool:
    """Return whether a merge of its account ended the alert."""
    return entry.phase == "resolved" and entry.alert.suppressed_reason == MERGED


def came_back(track: Track, account: AccountView) -> bool:
    """Return whether the account, merged when last looked at, goes its own way again."""
    return track.merged and account.merged_at is None


def is_parted(track: Track, account: AccountView) -> bool:
    """Return whether a merge of which the track knows, from or into the account, was undone."""
    return came_back(track, account) or not set(track.joined) <= set(account.joined)


def with_merges(track: Track, account: AccountView) -> Track:
    """Return the track that knows the account's present merges."""
    merged = account.merged_at is not None
    if (track.merged, track.joined) == (merged, account.joined):
        return track
    return replace(track, merged=merged, joined=account.joined)


def asked_now(
    findings: Sequence[Finding], track: Track, account: AccountView, now: int
) -> Sequence[Finding]:
    """Return the findings, what came from before with a merge or its undoing as of `now`.

    Nobody here was asked before: it would be overdue, or expired, as soon as it opens.
    """
    if with_merges(track, account) is track:
        return findings
    last = now - DAY_MICROS  # what is younger would have come by itself
    return [
        redated(one, time=now) if one.at_once and (one.time or now) < last else one
        for one in findings
    ]


def end_parted(
    track: Track,
    account: AccountView,
    now: int,
    holds: Callable[[str, Entry], bool],
    changes: list[AlertChange],
) -> Track:
    """End what the account's own facts no longer support since others took theirs back.

    `holds` tells by key and entry whether today's facts do. What was leaving before goes on so.
    """
    if not is_parted(track, account):
        return track
    entries = dict(track.entries)
    for key, entry in track.entries.items():
        stands = entry.phase in {"open", "suppressed"} and entry.alert.recovering_since is None
        if stands and not holds(key, entry):
            entries[key] = _ended(entry, now, MERGE_UNDONE)
            changes.append(AlertChange("resolved", entries[key].alert))
    return replace(track, entries=entries)


def _ended(entry: Entry, at: int, why: str) -> Entry:
    return resolved(entry, at, outcome=OUTCOME, suppressed_reason=why)
