"""Alerts as a pure fold: yesterday's memory and today's evaluation give today's changes.

Nothing here reads a clock or a store. The same days in any chunks give the same alerts.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace as told_as

from msgspec.structs import replace

from services.signals.alerting.account import AccountView
from services.signals.alerting.acted import see_actions
from services.signals.alerting.again import begins_at, is_over
from services.signals.alerting.alert import Action, Alert, AlertChange, Entry, ScoreView, Track
from services.signals.alerting.elsewhere import Closing, closed_elsewhere, unresolved
from services.signals.alerting.ends import tell_ends
from services.signals.alerting.findings import Finding, dedupe_key
from services.signals.alerting.life import (
    PENDING_EVALUATIONS,
    Moment,
    due_at,
    stays,
    step,
)
from services.signals.alerting.merged import (
    asked_now,
    came_back,
    end_merged,
    end_parted,
    ended_by_merge,
    with_merges,
)
from services.signals.alerting.owners import change_owner
from services.signals.alerting.returned import take_up
from services.signals.alerting.severity import effective_band, is_urgent, remember
from services.signals.features.facts import DAY_MICROS
from shared.domain.bands import band_rank

ChoosePlay = Callable[[Alert, AccountView], str]
_HIGH = 2
_NAMESPACE = uuid.UUID("6f0d2f3c-8f0e-5c55-9d2f-2f1a36c6b0aa")


def alert_key(finding: Finding) -> str:
    """Return the dedupe key within an account."""
    return dedupe_key(finding.type, finding.reason, finding.scope_key)


def alert_id(account_id: str, key: str, since: int) -> str:
    """Return the id of an alert: the same for the same account, key and beginning."""
    return str(uuid.uuid5(_NAMESPACE, f"{account_id}|{key}|{since}"))


def fold_day(
    track: Track,
    *,
    account: AccountView,
    day: int,
    score: ScoreView,
    findings: Sequence[Finding],
    choose: ChoosePlay,
    actions: Sequence[Action] = (),
    over: Sequence[Finding] = (),
    elsewhere: Sequence[Closing] = (),
) -> tuple[Track, list[AlertChange]]:
    """Fold the evaluation as of 00:00 UTC of `day`; returns the new memory and what changed.

    `findings` are the account's only, and so is `over`, what an event ended; `actions` are
    people's acts before that moment, of which those already seen do no harm; `elsewhere` are
    those on alerts of accounts that the account is, or was, merged with.
    """
    track = remember(track, score)
    if not track.entries and not findings:
        return track, []
    now = day * DAY_MICROS
    changes: list[AlertChange] = []
    track = see_actions(track, actions, changes, now)
    track = end_merged(track, account, now, changes)
    track = change_owner(track, account, now, changes)
    band = effective_band(track, score)
    ended = {alert_key(one): one for one in over}
    moment = Moment(account, now, score, band, choose)
    findings = asked_now(findings, track, account, now)
    track, holding = _parted(track, findings, ended, elsewhere, moment, changes)
    track = tell_ends(track, ended, now, changes)
    entries: dict[str, Entry] = {}
    for key in sorted(track.entries.keys() | holding.keys()):
        old, finding = track.entries.get(key), holding.get(key)
        entry = old
        if finding is not None and (old is None or is_over(old, finding, now)):
            entry = begin(moment, key, finding, old, changes)
        if entry is not None:
            entry = step(entry, finding, moment, changes)
        if entry is not None and finding is not None and _passes_on(entry, finding, now):
            # The condition held all along: the next alert takes over without a gap.
            heir = begin(moment, key, finding, entry, changes)
            entry = step(replace(heir, count=PENDING_EVALUATIONS - 1), finding, moment, changes)
        if entry is not None:
            entries[key] = entry
    return replace(track, entries=entries), changes


def fold_at_once(
    track: Track,
    *,
    account: AccountView,
    finding: Finding,
    score: ScoreView,
    choose: ChoosePlay,
    actions: Sequence[Action] = (),
    elsewhere: Sequence[Closing] = (),
) -> tuple[Track, list[AlertChange]]:
    """Open what does not wait for the daily evaluation, at its event's time.

    The next daily evaluation finds the alert there and changes nothing of it; a rebuild, which
    only has the daily evaluations, gives it the same id and times.
    """
    now = begins_at(finding, None, 0)
    changes: list[AlertChange] = []
    track = see_actions(track, actions, changes, now)
    key = alert_key(finding)
    entry = track.entries.get(key)
    moment = Moment(account, now, score, score.band, choose)
    if entry is not None and entry.is_live:
        return track, changes
    if not unresolved({key: finding}, track, elsewhere, now):
        return track, changes
    if entry is None or is_over(entry, finding, now):
        entry = begin(moment, key, finding, entry, changes)
    stepped = step(entry, finding, moment, changes)
    entries = dict(track.entries)
    if stepped is not None:
        entries[key] = stepped
    return replace(track, entries=entries), changes


def fold_parted(
    track: Track,
    *,
    account: AccountView,
    now: int,
    score: ScoreView,
    findings: Sequence[Finding],
    choose: ChoosePlay,
    over: Mapping[str, Finding],
    elsewhere: Sequence[Closing] = (),
) -> tuple[Track, list[AlertChange]]:
    """Fold, between two daily evaluations, that a merge from or into the account was undone.

    What came with the other's facts ends, what the merge had ended is taken up again. `findings`
    are what holds for the account now, `over` (by key) what an event ended.
    """
    changes: list[AlertChange] = []
    moment = Moment(account, now, score, score.band, choose)
    track, holding = _parted(track, findings, over, elsewhere, moment, changes)
    entries = dict(track.entries)
    for key, entry in track.entries.items():
        if ended_by_merge(entry) and key in holding:
            entries[key] = step(entry, holding[key], moment, changes) or entry
    return replace(track, entries=entries), changes


def _parted(
    track: Track,
    findings: Sequence[Finding],
    over: Mapping[str, Finding],
    elsewhere: Sequence[Closing],
    moment: Moment,
    changes: list[AlertChange],
) -> tuple[Track, dict[str, Finding]]:
    """Return the track after merges that were undone, and what holds now, by key."""
    now, account = moment.now, moment.account
    found: dict[str, Finding] = {}
    for one in findings:
        key = alert_key(one)
        if (held := _holding(one, track.entries.get(key), moment)) is not None:
            found[key] = held

    def holds(key: str, entry: Entry) -> bool:
        return key in found or stays(entry, moment)

    track = end_parted(track, account, now, holds, changes)
    track = closed_elsewhere(track, elsewhere, now)
    asked = unresolved(found, track, elsewhere, now)
    if came_back(track, account):
        track = take_up(track, moment, asked, over, found.keys() - asked.keys(), changes)
    return with_merges(track, account), asked


def begin(
    moment: Moment, key: str, finding: Finding, old: Entry | None, changes: list[AlertChange]
) -> Entry:
    """Return a pending entry for a condition that begins after `old`, if any, is over."""
    since = begins_at(finding, old, moment.now)
    account, score = moment.account, moment.score
    urgent = is_urgent(finding, score)
    alert = Alert(
        alert_id=alert_id(account.account_id, key, since),
        account_id=account.account_id,
        type=finding.type,
        reason_code=finding.reason,
        reason_text=finding.text,
        scope=dict(finding.scope),
        scope_key=finding.scope_key,
        band=moment.band,
        risk_score=score.risk_score,
        list=score.list,
        drivers=score.drivers,
        evidence=finding.events,
        owner_id=account.owner.id,
        owner_name=account.owner.name,
        playbook="",
        due_at=due_at(since, moment.band, account, urgent=urgent),
        pending_since=since,
        previous_alert_id=None if old is None else old.alert.alert_id,
        updated_at=since,
    )
    alert = replace(alert, playbook=moment.choose(alert, account))
    notice = None if old is None else old.notice
    changes.append(AlertChange("pending", alert))
    return Entry(alert=alert, phase="pending", urgent=urgent, notice=notice)


def _passes_on(entry: Entry, finding: Finding, now: int) -> bool:
    return entry.phase == "expired" and entry.ended == now and not finding.standing


def _holding(finding: Finding, entry: Entry | None, moment: Moment) -> Finding | None:
    """Return the finding as it is told to the alert of its key; None where it is not."""
    if finding.standing:
        return finding if entry is not None and entry.phase in {"open", "suppressed"} else None
    if finding.type != "churn_risk" or band_rank(moment.band) >= _HIGH:
        return finding
    muted = entry is not None and entry.phase == "suppressed" and entry.alert.opened_at is not None
    # What the score merely holds is not begun by it, but its mute may end.
    return told_as(finding, standing=True) if entry and muted and stays(entry, moment) else None
