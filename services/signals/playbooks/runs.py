"""A playbook at work on an account: who does what by when. Starting twice gives the same run."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec

from services.signals.alerting.account import AccountView, Person
from services.signals.alerting.alert import Alert
from services.signals.alerting.workdays import due_at, due_within
from services.signals.features.facts import DAY_MICROS
from services.signals.playbooks.playbook import Playbook, Step

_NAMESPACE = uuid.UUID("0b6a3d1e-5b57-5a55-8f0a-0f8f3a1f6e11")


class RunTask(msgspec.Struct, frozen=True, kw_only=True):
    """One step with its owner and due date (microseconds)."""

    task_id: str
    position: int
    kind: str
    title: dict[str, str]  # by language
    text: dict[str, str] | None
    role: str
    owner_id: str
    owner_name: str | None
    due_at: int


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run as it begins, field by field as it is stored; it keeps the play's version."""

    run_id: str
    playbook: str
    version: int
    title: dict[str, str]
    account_id: str
    alert_id: str | None
    trigger_key: str
    owner_id: str
    owner_name: str | None
    started_at: int
    first_action_due_at: int
    tasks: tuple[RunTask, ...]


class PastRun(msgspec.Struct, frozen=True):
    """What a guard needs to know of a run of the account."""

    playbook: str
    started_at: int
    is_active: bool
    called: bool = False
    alert_id: str | None = None
    worked: bool = False  # somebody began it, and has not closed it
    closed_because: str | None = None  # one of RUN_ENDS, where the machine closed it


def trigger_key(
    playbook_id: str, *, alert: Alert | None = None, account_id: str, idempotency: str | None
) -> str:
    """Return what makes a trigger the same trigger: alert and play, else the caller's key.

    An alert that was resolved and is open again triggers anew.
    """
    if alert is not None:
        again = "" if alert.reopened_at is None else f":{alert.reopened_at}"
        return f"alert:{alert.alert_id}:{playbook_id}{again}"
    return f"call:{account_id}:{playbook_id}:{idempotency or ''}"


def run_id(key: str) -> str:
    """Return the id of the run of a trigger."""
    return str(uuid.uuid5(_NAMESPACE, key))


def start_run(
    playbook: Playbook,
    alert: Alert | None,
    account: AccountView,
    now: int,
    *,
    idempotency: str | None = None,
    planned_at: int | None = None,
) -> Run:
    """Return the run that the trigger starts; the same trigger gives the same run id.

    By hand without an idempotency key, the moment is the key. A run that goes on with the work of
    one that a merge ended is due as that one was: its work was planned at `planned_at`.
    """
    alert_id = None if alert is None else alert.alert_id
    given = idempotency or str(now)
    key = trigger_key(playbook.id, alert=alert, account_id=account.account_id, idempotency=given)
    hours = playbook.first_action_hours(None if alert is None else alert.band)
    begun = now if planned_at is None else planned_at
    first = due_within(begun, hours, account.calendar, account.time_zone)
    if alert is not None:
        first = min(first, max(alert.due_at, begun))
    return Run(
        run_id=run_id(key),
        playbook=playbook.id,
        version=playbook.version,
        title=_words(playbook.title),
        account_id=account.account_id,
        alert_id=alert_id,
        trigger_key=key,
        owner_id=account.owner.id,
        owner_name=account.owner.name,
        started_at=now,
        first_action_due_at=first,
        tasks=tuple(_task(step, at, account, begun) for at, step in enumerate(playbook.steps, 1)),
    )


def refusal(
    playbook: Playbook, past: Sequence[PastRun], now: int, *, coverage: float = 1.0
) -> str | None:
    """Return why the play must not start on the account now, None where it may.

    Called plays and notices neither count nor wait for the account's active run.
    """
    if coverage < playbook.guards.coverage_min:
        return "coverage"
    active = sum(one.is_active and not one.called for one in past)
    if not playbook.called and active >= playbook.guards.max_active_per_account:
        return "active_run"
    since = now - playbook.guards.cooldown_days * DAY_MICROS
    recent = any(one.playbook == playbook.id and one.started_at > since for one in past)
    return "cooldown" if recent else None


def responsible(role: str, account: AccountView) -> Person:
    """Return who has the role on the account; HEAD is the manager, else it is the KAM's."""
    if role == "KAM":
        return account.owner
    for member in account.team:
        if member.role == role:
            return Person(member.id, member.name)
    if role == "HEAD" and account.manager is not None:
        return account.manager
    return account.owner


def _task(step: Step, position: int, account: AccountView, now: int) -> RunTask:
    owner = responsible(step.role, account)
    return RunTask(
        task_id=step.id,
        position=position,
        kind=step.kind,
        title=_words(step.title),
        text=None if step.text is None else _words(step.text),
        role=step.role,
        owner_id=owner.id,
        owner_name=owner.name,
        due_at=_due_at(step, account, now),
    )


def _due_at(step: Step, account: AccountView, now: int) -> int:
    if step.hours is not None:
        return due_within(now, step.hours, account.calendar, account.time_zone)
    return due_at(now, step.due, account.calendar, account.time_zone)


def _words(words: object) -> dict[str, str]:
    return dict(msgspec.to_builtins(words))
