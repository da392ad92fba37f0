"""The HTTP forms of playbooks and their runs, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.api.forms import Person
from services.api.history_forms import RunHistoryItem
from shared.domain.alerts import RUN_ENDS, RUN_OUTCOMES
from shared.domain.tasks import TASK_STATES

RunState = Literal["active", "closed"]
RunOutcome = Literal[RUN_OUTCOMES]  # type: ignore[valid-type]  # one list of outcomes, at run time
RunEnd = Literal[RUN_ENDS]  # type: ignore[valid-type]
TaskState = Literal[TASK_STATES]  # type: ignore[valid-type]


class Playbook(BaseModel):
    """A play of the library; `steps` is how many it has."""

    playbook: str = Field(examples=["executive_review"])
    version: int
    title: str
    titles: dict[str, str] = Field(
        description="By language.",
        examples=[{"en": "Win back", "vi": "Lấy lại", "pt": "Reconquista"}],
    )
    purpose: str
    outcomes: list[str] = Field(
        description="Those that it is made for; the page offers these for a run without an alert."
    )
    called: bool = Field(description="No other playbook waits for its runs.")
    cooldown_days: int = Field(
        description="So long after a run on an account none begins there by itself; by hand it may."
    )
    steps: int


class Task(BaseModel):
    """One step of a run."""

    task_id: str
    title: str
    owner: Person
    due_at: datetime
    state: TaskState = Field(description="`cancelled`: it was not done when the run closed.")


class Run(BaseModel):
    """A playbook at work on an account."""

    run_id: str
    playbook: str
    title: str
    version: int
    account_id: str
    alert_id: str | None
    owner: Person
    state: RunState
    started_at: datetime
    tasks: list[Task]
    outcome: RunOutcome | None
    note: str | None = Field(description="Of who closed it.")
    closed_because: RunEnd | None = Field(
        description="What became of its alert, where that closed the run by itself."
    )
    history: list[RunHistoryItem] = Field(description="Oldest first.")
