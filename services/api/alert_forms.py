"""The HTTP forms of alerts, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from services.api.forms import Band, Person
from services.api.history_forms import AlertHistoryItem
from shared.contracts.outbound import ALERT_TYPES_SAID, SCOPE_SAID
from shared.domain.alerts import ALERT_ENDS, OUTCOMES

AlertState = Literal["pending", "open", "acknowledged", "in_progress", "snoozed", "suppressed",
                     "resolved", "expired"]  # fmt: skip
AlertOutcome = Literal[OUTCOMES]  # type: ignore[valid-type]  # one list of outcomes, at run time
AlertEnd = Literal[ALERT_ENDS]  # type: ignore[valid-type]


class AlertReason(BaseModel):
    """Why the alert is open."""

    code: str = Field(examples=["churn_risk"])
    text: str


class EventRef(BaseModel):
    """The identity of an event."""

    source: str
    id: str


class Alert(BaseModel):
    """An alert; `version` rises by one with each change."""

    alert_id: str
    account_id: str
    type: str = Field(description=ALERT_TYPES_SAID, examples=["churn_risk"])
    state: AlertState
    snoozed_until: datetime | None = Field(description="Null in any other state than `snoozed`.")
    deferred: bool
    band: Band | None
    risk_score: float | None
    reason: AlertReason
    scope: dict[str, Any] = Field(description=SCOPE_SAID)
    owner: Person
    playbook: str
    due_at: datetime = Field(
        description="In working time by the account's `time_zone` and `calendar`; UTC without one."
    )
    opened_at: datetime | None
    updated_at: datetime
    evidence: list[EventRef]
    closed_because: AlertEnd | None = Field(
        description="Why it ended by itself: `account_merged`, its account went into another, see"
        " `merged_into`; `merge_undone`, an account that had been merged into its own went its own"
        " way again, and what is left does not support the alert."
    )
    version: int
    outcome: AlertOutcome | None = Field(
        default=None,
        description="What came of it once it is resolved: a person's word, else the machine's."
        " Absent in lists.",
    )
    note: str | None = Field(default=None, description="Of who resolved it. Absent in lists.")
    history: list[AlertHistoryItem] = Field(
        default=[], description="What was done on it, oldest first. Absent in lists."
    )
