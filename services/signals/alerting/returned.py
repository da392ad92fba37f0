"""What a merge had ended and its undoing brings back: it goes on where it stood."""

from __future__ import annotations

from collections.abc import Container, Mapping

from msgspec.structs import replace

from services.signals.alerting.alert import AlertChange, Entry, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.life import Moment, stays
from services.signals.alerting.merged import ended_by_merge
from services.signals.alerting.notices import may_notify
from services.signals.alerting.recovery import RECOVERING_DAYS
from services.signals.features.facts import DAY_MICROS
from shared.domain.bands import band_rank


def take_up(
    track: Track,
    moment: Moment,
    holding: Mapping[str, Finding],
    over: Mapping[str, Finding],
    resolved: Container[str],
    changes: list[AlertChange],
) -> Track:
    """Take up again what would be open had there been no merge.

    By key, `holding` is what holds now, `over` what an event ended; of `resolved` people said
    elsewhere that it is done. What is explained by now waits until it no longer is.
    """
    entries = dict(track.entries)
    for key, entry in track.entries.items():
        if key in resolved or not ended_by_merge(entry) or entry.merged_from != "open":
            continue
        finding = holding.get(key)
        if finding is not None and finding.muted is not None and not entry.attended:
            continue
        holds = finding is not None or stays(entry, moment)
        since = None if holds else _leaving_since(entry, over.get(key), moment)
        if not _had_ended(entry, since, moment.now):
            entries[key], notify = _again(entry, since, moment)
            changes.append(AlertChange("opened", entries[key].alert, notify))
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


def _again(entry: Entry, leaving_since: int | None, moment: Moment) -> tuple[Entry, bool]:
    """Return the entry as it goes on, and whether that is worth a notification."""
    now, band = moment.now, entry.alert.band
    notify = leaving_since is None and not entry.alert.deferred and may_notify(entry, band, now)
    alert = replace(
        entry.alert.taken_up(now),
        recovering_since=leaving_since,
        notified_at=now if notify else entry.alert.notified_at,
        machine_version=entry.alert.machine_version + 1,
        updated_at=now,
    )
    notice = (now, band_rank(band)) if notify else entry.notice
    return replace(entry, alert=alert, phase="open", ended=None, notice=notice), notify
