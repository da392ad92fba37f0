"""What was done on an alert or a run, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

_ABSENT = "; absent where it does not apply"


class HistoryItem(BaseModel):
    """One thing that a person or the machine did; only what applies to it is there."""

    at: datetime | None = Field(description="Null where only the fact is known, not its time.")
    actor: str | None = Field(
        description="The KAM's id, else the key's; `leadline`: by itself. Null: not recorded.",
        examples=["kam-linh"],
    )
    until: datetime | None = Field(default=None, description=f"End of a snooze{_ABSENT}.")
    reason: str | None = Field(
        default=None,
        description=f"A person's words, or a code of the machine's{_ABSENT}.",
        examples=["season"],
    )
    outcome: str | None = Field(default=None, examples=["recovered_by_action"])
    note: str | None = None
    task_id: str | None = None
    run_id: str | None = Field(default=None, description="The alert's run that was worked on.")


class AlertHistoryItem(HistoryItem):
    """One thing done on an alert; `work` is the first act of a person on one of its runs.

    `reopen` takes back an end by the machine: its condition is there again, or (`merge_undone`) a
    merge of its account was taken back.
    """

    act: Literal["open", "suppress", "acknowledge", "snooze", "work", "resolve", "reopen", "expire"]


class RunHistoryItem(HistoryItem):
    """One thing done on a run."""

    act: Literal["start", "complete_task", "close"]
