"""Alerts and runs as they are told outside: the HTTP forms, in the rows' own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.domain.alerts import MACHINE, closed_because

Form = dict[str, Any]


def alert_form(alert: Mapping[str, Any], account_id: str, *, state: str, version: int) -> Form:
    """Return one alert; `version` counts the machine's changes and people's acts."""
    return {
        "alert_id": alert["alert_id"],
        "account_id": account_id,
        "type": alert["type"],
        "state": state,
        "deferred": bool(alert["deferred"]),
        "band": alert["band"],
        "risk_score": alert["risk_score"],
        "reason": {"code": alert["reason_code"], "text": alert["reason_text"]},
        "scope": alert["scope"],
        "owner": {"id": alert["owner_id"], "name": alert["owner_name"]},
        "playbook": alert["playbook"],
        "due_at": alert["due_at"],
        "opened_at": alert["opened_at"],
        "updated_at": alert["updated_at"],
        "evidence": alert["evidence"],
        "closed_because": closed_because(state, alert["suppressed_reason"]),
        "version": version,
    }


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
                "state": "completed" if task["task_id"] in done else "open",
            }
            for task in sorted(tasks, key=lambda task: task["position"])
        ],
        "outcome": closed["outcome"] if closed else None,
        "closed_because": closed["note"] if closed and closed["actor"] == MACHINE else None,
    }


def run_state(actions: Sequence[Mapping[str, Any]]) -> str:
    """Return `active` or `closed`."""
    return "closed" if any(action["kind"] == "close" for action in actions) else "active"


def worded(words: Any, language: str | None) -> str:
    """Return the words in a language; in English where it is missing."""
    if isinstance(words, Mapping):
        for key in (language, "en"):
            if key in words:
                return str(words[key])
        return str(next(iter(words.values()), ""))
    return str(words)
