"""At most so many new alerts per KAM and week; the rest are listed as deferred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from services.signals.alerting.alert import Alert, AlertChange, Entry, Track
from services.signals.alerting.notices import may_notify
from services.signals.features.facts import DAY_MICROS
from shared.domain.bands import band_rank

WEEKLY_BUDGET = 7
_THURSDAY = 3  # 1970-01-01; weeks begin on Monday


def week_of(day: int) -> int:
    """Return the number of the ISO week (Monday to Sunday) since 1970 that a day is in."""
    return (day + _THURSDAY) // 7


def waits(entry: Entry) -> bool:
    """Return whether the alert is open and the budget has yet to let it through.

    Those that came back in earlier versions may be both admitted and deferred.
    """
    return entry.phase == "open" and (entry.admitted is None or entry.alert.deferred)


def budget_pass(
    tracks: Mapping[str, Track], day: int, *, limit: int = WEEKLY_BUDGET
) -> dict[str, tuple[Track, list[AlertChange]]]:
    """Admit or defer the open alerts that are not admitted yet; returns the accounts touched.

    `tracks` are all accounts' tracks by account id, after the daily evaluation of `day`. In the
    order band, risk, account; urgent and critical alerts pass always, and count.
    """
    used: Counter[str] = Counter()
    waiting: list[tuple[str, str, Entry]] = []
    for account_id, track in tracks.items():
        for key, entry in track.entries.items():
            if waits(entry):
                waiting.append((account_id, key, entry))
            elif entry.admitted is not None and week_of(entry.admitted) == week_of(day):
                used[entry.alert.owner_id] += 1
    touched: dict[str, tuple[Track, list[AlertChange]]] = {}
    for account_id, key, entry in sorted(waiting, key=_order):
        owner = entry.alert.owner_id
        admitted = entry.urgent or entry.alert.band == "critical" or used[owner] < limit
        used[owner] += admitted
        fresh, change = _admit(entry, day) if admitted else _defer(entry, day)
        if fresh is entry:
            continue
        track, changes = touched.get(account_id, (tracks[account_id], []))
        entries = {**track.entries, key: fresh}
        changes = changes if change is None else [*changes, change]
        touched[account_id] = (replace(track, entries=entries), changes)
    return touched


def settle(changes: list[AlertChange]) -> list[AlertChange]:
    """Return one change per alert out of a day's: the last word, as `opened` if it opened.

    An alert that was pending and dropped within the same day is not told at all; one that was
    opened and deferred is told as deferred, without a notification.
    """
    by_alert: dict[str, list[AlertChange]] = {}
    for change in changes:
        by_alert.setdefault(change.alert.alert_id, []).append(change)
    settled = []
    for group in by_alert.values():
        kinds = [one.kind for one in group]
        last = group[-1]
        if last.kind == "dropped" and kinds[0] == "pending":
            continue
        opened = "opened" in kinds and last.kind not in {"deferred", "resolved", "closed"}
        notify = any(one.notify for one in group) and not last.alert.deferred
        settled.append(AlertChange("opened" if opened else last.kind, last.alert, notify))
    return settled


def _order(item: tuple[str, str, Entry]) -> tuple[int, float, str, str]:
    account_id, key, entry = item
    return -band_rank(entry.alert.band), -(entry.alert.risk_score or 0.0), account_id, key


def _admit(entry: Entry, day: int) -> tuple[Entry, AlertChange | None]:
    alert = entry.alert
    if not alert.deferred:
        return replace(entry, admitted=day), None
    now = day * DAY_MICROS
    notify = may_notify(entry, alert.band, now)
    alert = replace(
        alert,
        deferred=False,
        notified_at=now if notify else alert.notified_at,
        machine_version=alert.machine_version + 1,
        updated_at=now,
    )
    notice = (now, band_rank(alert.band)) if notify else entry.notice
    fresh = replace(entry, alert=alert, admitted=day, notice=notice)
    return fresh, AlertChange("promoted", alert, notify)


def _defer(entry: Entry, day: int) -> tuple[Entry, AlertChange | None]:
    if entry.alert.deferred:
        return entry, None
    now = day * DAY_MICROS
    alert = entry.alert
    told = alert.notified_at is not None and alert.notified_at == alert.updated_at
    alert = replace(
        alert,
        deferred=True,
        notified_at=None if told else alert.notified_at,
        machine_version=alert.machine_version + 1,
        updated_at=now,
    )
    fresh = replace(entry, alert=alert, notice=None if told else entry.notice)
    return fresh, AlertChange("deferred", alert)


def standing_alerts(track: Track) -> list[Alert]:
    """Return the open alerts that may have a run by now."""
    admitted = admitted_alerts([track])
    alerts = [entry.alert for entry in track.entries.values() if entry.phase == "open"]
    return [one for one in alerts if one.alert_id in admitted]


def admitted_alerts(tracks: Sequence[Track]) -> frozenset[str]:
    """Return the alerts that need not wait for the week's budget."""
    return frozenset(
        entry.alert.alert_id
        for track in tracks
        for entry in track.entries.values()
        if entry.urgent or entry.admitted is not None or entry.alert.band == "critical"
    )
