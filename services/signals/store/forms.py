"""Alerts and runs as they are told outside: the HTTP forms, in the rows' own words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from services.signals.alerting.alert import Action, snooze_end
from shared.domain.alerts import MACHINE, closed_because
from shared.domain.tasks import task_state
from shared.store.base import from_micros

Form = dict[str, Any]


def alert_form(
    alert: Mapping[str, Any],
    account_id: str,
    *,
    state: str,
    version: int,
    acts: Sequence[Action] = (),
) -> Form:
    """Return one alert; `version` counts the machine's changes and people's acts.

    `acts` are people's on this alert until then: who resolved it says what came of it.
    """
    resolved = next((act for act in acts if act.kind == "resolve"), None)
    until = snooze_end(acts) if state == "snoozed" else None
    return {
        "alert_id": alert["alert_id"],
        "account_id": account_id,
        "type": alert["type"],
        "state": state,
        "snoozed_until": None if until is None else from_micros(until),
        "deferred": bool(alert["deferred"]),
        "band": alert["band"],
        "risk_score": alert["risk_score"],
        "reason": {"code": alert["reason_code"], "text": alert["reason_text"]},
        "scope": alert["scope"],
        "owner": {"id": alert["owner_id"], "name": alert["owner_name"]},
        "playbook": alert["playbook"],
        "due_at": alert["due_at"],
        "opened_at": alert["opened_at"],
        "updated_at": max([alert["updated_at"], *_changed_at(acts)]),
        "evidence": alert["evidence"],
        "closed_because": closed_because(state, alert["suppressed_reason"]),
        "version": version,
        "outcome": resolved.outcome if resolved else alert["outcome"],
        "note": resolved.note if resolved else None,
    }


def _changed_at(acts: Sequence[Action]) -> Iterator[datetime]:
    """Yield when the acts changed their alert: of the work on its runs only the first did."""
    works = [act.at for act in acts if act.kind == "work"]
    yield from (from_micros(act.at) for act in acts if act.kind != "work")
    yield from (from_micros(min(works)),) if works else ()


def run_form(
    run: Mapping[str, Any],
    tasks: Sequence[Mapping[str, Any]],
    actions: Sequence[Mapping[str, Any]],
    account_id: str,
    language: str | None = None,
) -> Form:
    """Return one run; its state and outcome follow from what people did."""
    done = {action["task_id"] for action in actions if action["kind"] == "complete_task"}
    closed = next((action for action in actions if action["kind"] == "close"), None)
    return {
        "run_id": run["run_id"],
        "playbook": run["playbook"],
        "version": run["version"],
        "account_id": account_id,
        "alert_id": run["alert_id"],
        "owner": {"id": run["owner_id"], "name": run["owner_name"]},
        "state": run_state(actions),
        "started_at": run["started_at"],
        "tasks": [
            {
                "task_id": task["task_id"],
                "title": worded(task["title"], language),
                "owner": {"id": task["owner_id"], "name": task["owner_name"]},
                "due_at": task["due_at"],
                "state": task_state(done=task["task_id"] in done, run_closed=closed is not None),
            }
            for task in sorted(tasks, key=lambda task: task["position"])
        ],
        "outcome": closed["outcome"] if closed else None,
        "note": closed["note"] if closed and closed["actor"] != MACHINE else None,
        "closed_because": closed["note"] if closed and closed["actor"] == MACHINE else None,
    }


def run_state(actions: Sequence[Mapping[str, Any]]) -> str:
    """Return `active` or `closed`."""
    return "closed" if any(action["kind"] == "close" for action in actions) else "active"


def worded(words: Any, language: str | None) -> str:
    """Return the words in a language, as `vi` or `vi-VN`; in English where it is missing."""
    if isinstance(words, Mapping):
        for key in ((language or "").partition("-")[0].lower(), "en"):
            if key in words:
                return str(words[key])
        return str(next(iter(words.values()), ""))
    return str(words)
