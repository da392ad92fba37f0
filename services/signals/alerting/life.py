"""What a day does to one alert: pending, open, recovering, suppressed, resolved, expired."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from msgspec.structs import replace

from services.signals.alerting.account import AccountView
from services.signals.alerting.again import is_over
from services.signals.alerting.alert import Alert, AlertChange, Entry, ScoreView
from services.signals.alerting.findings import Finding
from services.signals.alerting.merged import ended_by_merge
from services.signals.alerting.notices import may_notify
from services.signals.alerting.recovery import (
    RECOVERING_DAYS,
    appended,
    is_neglected,
    recovered_alone,
)
from services.signals.alerting.severity import is_above_exit, is_urgent
from services.signals.alerting.workdays import due_within
from services.signals.features.facts import DAY_MICROS
from shared.domain.bands import band_rank, higher_band

PENDING_EVALUATIONS = 2
EXPIRY_DAYS = 45
KEPT_DAYS = 180
"""How long an ended alert is remembered, for the link from the next one."""
FIRST_ACTION_HOURS, URGENT_HOURS = 72, 24
GONE = frozenset({"volume_erosion", "silent_lane_loss", "no_recovery", "nomination_shift"})
"""Types whose finding ends where the whole account is lost."""
RISK_STEP = 5.0
"""Points that the risk moves before an open alert says so."""


class Moment(NamedTuple):
    """An account at one evaluation."""

    account: AccountView
    now: int
    score: ScoreView
    band: str | None
    choose: Callable[[Alert, AccountView], str]


def due_at(opened: int, band: str | None, account: AccountView, *, urgent: bool) -> int:
    """Return when the first action is due on an alert that opens at `opened`.

    In working time of the account: nobody acts at night, or on a holiday.
    """
    hours = URGENT_HOURS if urgent or band == "critical" else FIRST_ACTION_HOURS
    return due_within(opened, hours, account.calendar, account.time_zone)


def step(
    entry: Entry, finding: Finding | None, moment: Moment, changes: list[AlertChange]
) -> Entry | None:
    """Return the entry after the evaluation; None when it is forgotten."""
    if finding is not None and is_urgent(finding, moment.score) and not entry.urgent:
        entry = replace(entry, urgent=True)
    if entry.phase in {"closed", "expired", "resolved"}:
        return _after_end(entry, finding, moment, changes)
    if entry.phase == "pending":
        return _pending(entry, finding, moment, changes)
    if finding is None and not stays(entry, moment):
        leave = _expire if is_neglected(entry, moment.now) else _leaving
        return leave(entry, moment, changes)
    entry = _returned(entry, moment, changes)
    if finding is not None:
        entry = _muting(entry, finding, moment, changes)
    if is_neglected(entry, moment.now):
        return _expire(entry, moment, changes)
    return (
        entry if finding is None or finding.standing else _refresh(entry, finding, moment, changes)
    )


def _after_end(
    entry: Entry, finding: Finding | None, moment: Moment, changes: list[AlertChange]
) -> Entry | None:
    if moment.now >= (entry.ended or 0) + KEPT_DAYS * DAY_MICROS:
        return None
    if entry.phase != "resolved":
        return entry
    if finding is None or is_over(entry, finding, moment.now):
        return replace(entry, count=0) if entry.count else entry
    entry = replace(entry, count=entry.count + 1)
    if not _may_open(entry) or finding.muted is not None:
        return entry
    alert = replace(entry.alert.taken_up(moment.now), recovering_since=None)
    return _open(replace(entry, alert=alert, ended=None), finding, moment, changes)


def _pending(
    entry: Entry, finding: Finding | None, moment: Moment, changes: list[AlertChange]
) -> Entry | None:
    if finding is None:
        changes.append(AlertChange("dropped", entry.alert))
        return None
    entry = replace(entry, count=entry.count + 1)
    if not _may_open(entry):
        return entry
    if finding.muted is None:
        return _open(entry, finding, moment, changes)
    alert = _changed(entry.alert, moment, suppressed_reason=finding.muted)
    changes.append(AlertChange("suppressed", alert))
    return replace(entry, alert=alert, phase="suppressed")


def _open(entry: Entry, finding: Finding, moment: Moment, changes: list[AlertChange]) -> Entry:
    at_once = finding.at_once and entry.alert.opened_at is None and finding.muted is None
    began = entry.alert.pending_since if at_once else moment.now
    notify = may_notify(entry, moment.band, began)
    first = entry.alert.opened_at is None
    alert = replace(
        entry.alert,
        opened_at=began if first else entry.alert.opened_at,
        due_at=due_at(began, moment.band, moment.account, urgent=entry.urgent),
        expires_at=began + EXPIRY_DAYS * DAY_MICROS,
        suppressed_reason=None,
        deferred=False,
        band=higher_band(moment.band, entry.alert.band if first else None),
        risk_score=moment.score.risk_score,
        list=moment.score.list,
        reason_text=finding.text,
        evidence=appended(entry.alert, finding),
        notified_at=began if notify else entry.alert.notified_at,
        machine_version=entry.alert.machine_version + 1,
        updated_at=began,
    )
    day = began // DAY_MICROS
    exempt = entry.urgent or moment.band == "critical"
    notice = (began, band_rank(moment.band)) if notify else entry.notice
    changes.append(AlertChange("opened", alert, notify))
    admitted = day if exempt else None
    return replace(entry, alert=alert, phase="open", admitted=admitted, notice=notice)


def stays(entry: Entry, moment: Moment) -> bool:
    """Return whether an alert without today's finding stays: the score holds it or cannot tell."""
    if entry.alert.type != "churn_risk":
        return False
    above = is_above_exit(moment.score)
    return above is None or above or band_rank(moment.band) >= band_rank("high")


def _leaving(entry: Entry, moment: Moment, changes: list[AlertChange]) -> Entry:
    since = entry.alert.recovering_since
    if since is None:
        alert = _changed(entry.alert, moment, recovering_since=moment.now)
        changes.append(AlertChange("recovering", alert))
        return replace(entry, alert=alert)
    if moment.now - since < RECOVERING_DAYS * DAY_MICROS:
        return entry
    entry = recovered_alone(entry, moment.now)
    if moment.score.lost and entry.alert.type in GONE:
        # Nothing recovered: the whole account went.
        entry = replace(entry, alert=replace(entry.alert, outcome="lost"))
    changes.append(AlertChange("resolved", entry.alert))
    return entry


def _returned(entry: Entry, moment: Moment, changes: list[AlertChange]) -> Entry:
    if entry.alert.recovering_since is None:
        return entry
    alert = _changed(entry.alert, moment, recovering_since=None)
    changes.append(AlertChange("updated", alert))
    return replace(entry, alert=alert)


def _muting(entry: Entry, finding: Finding, moment: Moment, changes: list[AlertChange]) -> Entry:
    """Suppress what is explained and nobody works on; bring it back when the mute ends."""
    muted = None if entry.attended else finding.muted
    if muted == entry.alert.suppressed_reason:
        return entry
    if muted is not None:
        alert = _changed(entry.alert, moment, suppressed_reason=muted)
        changes.append(AlertChange("suppressed", alert))
        return replace(entry, alert=alert, phase="suppressed")
    if entry.alert.opened_at is None:
        return _open(entry, finding, moment, changes)
    expires = moment.now + EXPIRY_DAYS * DAY_MICROS
    alert = _changed(entry.alert, moment, suppressed_reason=None, expires_at=expires)
    changes.append(AlertChange("unsuppressed", alert))
    return replace(entry, alert=alert, phase="open")


def _expire(entry: Entry, moment: Moment, changes: list[AlertChange]) -> Entry:
    alert = _changed(entry.alert, moment)
    changes.append(AlertChange("expired", alert))
    return replace(entry, alert=alert, phase="expired", ended=moment.now, count=0)


def _refresh(entry: Entry, finding: Finding, moment: Moment, changes: list[AlertChange]) -> Entry:
    """Take over today's picture when it differs enough to be worth saying."""
    alert, score = entry.alert, moment.score
    evidence = appended(alert, finding)
    moved = _moved(alert.risk_score, score.risk_score)
    same = alert.band == moment.band and alert.list == score.list and not moved
    lost = score.lost and "lost" not in alert.drivers
    if same and not lost and evidence == alert.evidence:
        return entry
    worse = entry.phase == "open" and band_rank(moment.band) > band_rank(alert.band)
    notify = worse and not alert.deferred and may_notify(entry, moment.band, moment.now)
    fresh = _changed(
        alert,
        moment,
        band=moment.band or alert.band,
        risk_score=alert.risk_score if score.risk_score is None else score.risk_score,
        list=score.list,
        drivers=("lost", *score.drivers) if score.lost else score.drivers or alert.drivers,
        reason_text=finding.text,
        evidence=evidence,
        notified_at=moment.now if notify else alert.notified_at,
    )
    if fresh == replace(alert, machine_version=fresh.machine_version, updated_at=fresh.updated_at):
        return entry
    notice = (moment.now, band_rank(moment.band)) if notify else entry.notice
    changes.append(AlertChange("updated", fresh, notify))
    return replace(entry, alert=fresh, notice=notice)


def _may_open(entry: Entry) -> bool:
    return entry.count >= PENDING_EVALUATIONS or entry.urgent or ended_by_merge(entry)


def _moved(old: float | None, new: float | None) -> bool:
    return old is not None and new is not None and abs(new - old) >= RISK_STEP


def _changed(alert: Alert, moment: Moment, **fields: object) -> Alert:
    version = alert.machine_version + 1
    return replace(alert, machine_version=version, updated_at=moment.now, **fields)
