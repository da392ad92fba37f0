"""The state of a task of a playbook run, in whatever form the run is told."""

from __future__ import annotations

TASK_STATES = ("open", "completed", "cancelled")


def task_state(*, done: bool, run_closed: bool) -> str:
    """Return the state of a task: what was not done when its run closed asks nothing any more."""
    if done:
        return "completed"
    return "cancelled" if run_closed else "open"
