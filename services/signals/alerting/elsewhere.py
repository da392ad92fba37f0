"""What people resolved at another account whose facts are this one's, or were.

An account that goes into another takes along what was said of its facts, and so it does when it
goes its own way again: nobody is asked twice about the same condition.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace as redated
from typing import NamedTuple

from msgspec.structs import replace

from services.signals.alerting.again import REOPEN_DAYS, is_over
from services.signals.alerting.alert import Entry, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.merged import ended_by_merge
from services.signals.features.facts import DAY_MICROS


class Closing(NamedTuple):
    """A person's resolution: of which dedupe key, when, and on which events the alert rested."""

    key: str
    at: int
    events: frozenset[tuple[str, str]]


def unresolved(
    findings: Mapping[str, Finding], track: Track, closings: Iterable[Closing], now: int
) -> dict[str, Finding]:
    """Return the findings by key but those that would ask anew what was resolved elsewhere.

    As at one account this holds for 14 days, and what it blocked begins then; it takes the same
    events, too: the joined facts of two accounts, or what came since, are another matter.
    """
    known = [one for one in closings if one.at <= now]
    asked: dict[str, Finding] = {}
    for key, finding in findings.items():
        same = [one.at for one in known if one.key == key and one.events.issuperset(finding.events)]
        found = _asked(finding, track.entries.get(key), same, now)
        if found is not None:
            asked[key] = found
    return asked


def _asked(
    finding: Finding, entry: Entry | None, resolved: Sequence[int], now: int
) -> Finding | None:
    """Return the finding as it is asked now, None where it is not; it was `resolved` elsewhere."""
    if not resolved or (entry is not None and entry.is_live):
        return finding
    if now < max(resolved) + REOPEN_DAYS * DAY_MICROS:
        return None
    begins = finding.at_once and (entry is None or is_over(entry, finding, now))
    return redated(finding, time=now) if begins else finding


def closed_elsewhere(track: Track, closings: Iterable[Closing], now: int) -> Track:
    """Return the track in which what a merge ended is closed where people resolved it since."""
    entries = track.entries
    for one in closings:
        entry = track.entries.get(one.key)
        if entry is None or not ended_by_merge(entry) or not (entry.ended or 0) <= one.at <= now:
            continue
        if one.events.issuperset(entry.alert.evidence[-1:]):
            entries = {**entries, one.key: replace(entry, phase="closed", ended=one.at)}
    return track if entries is track.entries else replace(track, entries=entries)
