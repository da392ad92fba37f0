"""The HTTP forms of realised warnings, as documented."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.api.forms import Items

WarningOutcome = Literal["lost", "saved"]


class WarningMethod(BaseModel):
    """How one way of alerting did over the lost accounts; a missed loss counts as 0 months."""

    method: Literal["leadline", "random", "recency"]
    lost: int
    caught: int = Field(description="The alert was still open when the silence became obvious.")
    caught_before_last_booking: int
    months_to_last_booking: float | None = Field(description="Mean.")
    months_to_obvious: float | None = Field(description="Mean.")
    median_months_to_obvious: float | None


class WarningItem(BaseModel):
    """One lost or saved account."""

    account_id: str
    outcome: WarningOutcome
    alert_id: str | None
    warned_at: datetime | None = Field(description="Null: missed.")
    last_booking_at: datetime = Field(description="Of a saved account: the first one afterwards.")
    obvious_at: datetime = Field(description="Of a saved account: when the alert ended.")
    months_to_last_booking: float
    months_to_obvious: float


class WarningPerformance(Items[WarningItem]):
    """Realised warnings: the product beside chance and recency at the same alert budget."""

    saved: int
    methods: list[WarningMethod]
