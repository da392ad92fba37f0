"""What the api needs of other services; whoever composes the process passes it in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol


class Intake(Protocol):
    """Ingest's handler, behind `POST /v1/events` and what is done with dead letters."""

    def accept(self, values: Sequence[bytes]) -> list[dict[str, Any]]:
        """Apply events; return `id`, `source`, `status` and `reason` of each, in order."""
        ...

    def reject_body(self, body: bytes, reason: str, detail: str) -> None:
        """Keep a body that is no event at all as a dead letter."""
        ...

    def replay(self, dead_letter_id: int) -> dict[str, Any] | None:
        """Try a dead letter again; None when there is none of that id."""
        ...

    def discard(self, dead_letter_id: int, reason: str, *, actor: str) -> None:
        """Give a dead letter up for good; again changes nothing.

        Raises `LookupError` when there is none of that id, `ValueError` when it was accepted.
        """
        ...


class RunCommands(Protocol):
    """Signals' commands on playbook runs, each one transaction of its own.

    They raise `LookupError` for an unknown playbook, account, run or task, and `ValueError` for
    what the present state refuses (a closed run, an outcome that does not fit, or another state
    than `expected`: the run's machine version plus the acts on it, compared inside the command's
    own transaction).
    """

    def playbooks(self) -> list[dict[str, Any]]:
        """Return the library, ordered by name.

        Each has at least `playbook`, `version`, `titles`, `outcomes`, `called` and
        `cooldown_days`.
        """
        ...

    def start_run(self, playbook: str, account_id: str, *, actor: str, key: str) -> str:
        """Start a playbook by hand and return its run id; the same `key` gives the same run."""
        ...

    def complete_task(
        self, run_id: str, task_id: str, *, actor: str, expected: int | None = None
    ) -> None:
        """Mark a task as done; again changes nothing."""
        ...

    def close_run(
        self,
        run_id: str,
        outcome: str,
        note: str | None,
        *,
        actor: str,
        expected: int | None = None,
    ) -> None:
        """Close a run with its outcome; again with the same one and note changes nothing."""
        ...

    def end_runs_of(self, alert_id: str) -> None:
        """Close the runs of an alert that somebody resolved; again changes nothing."""
        ...
