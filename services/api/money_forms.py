"""The HTTP forms of amounts and of what they add up to, as documented."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Money(BaseModel):
    """An amount of a currency (ISO 4217)."""

    amount: str = Field(description="A decimal.", examples=["12500.00"])
    currency: str = Field(examples=["USD"])


class WithoutRate(BaseModel):
    """Accounts whose currency has no rate into the reporting one."""

    currency: str = Field(examples=["VND"])
    accounts: int


class ExplainedAtRisk(BaseModel):
    """Accounts whose risk is explained (`explained_by`): they are not in the sum."""

    margin_at_risk: Money = Field(description="Their sum, in the reporting currency.")
    accounts: int


class TotalAtRisk(BaseModel):
    """The margin at risk of all accounts that can still be kept, and what it lacks."""

    margin_at_risk: Money = Field(description="The sum, in the reporting currency.")
    accounts: int = Field(description="Whose margin at risk is in the sum.")
    without_rate: list[WithoutRate] = Field(description="Who is not in it for want of a rate.")
    without_margin: int = Field(description="Accounts with a risk and no annual margin.")
    explained: ExplainedAtRisk
