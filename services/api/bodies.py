"""Request bodies as validated."""

from __future__ import annotations

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field

from services.api.alert_forms import AlertOutcome
from services.api.moments import EXAMPLE, Moment
from services.api.names import NO_NUL, WORDS
from services.api.problems import wrong_field
from services.api.run_forms import RunOutcome


class Request(BaseModel):
    """A request body; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid")


MAX_SNOOZE_DAYS = 180
"""Half a year: who books by season is quiet that long, and a renewal is prepared from then on."""


class Snooze(Request):
    """Be quiet until a time, for a reason."""

    until: Moment = Field(
        examples=[EXAMPLE], description=f"After now, and at most {MAX_SNOOZE_DAYS} days ahead."
    )
    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


class Resolve(Request):
    """Close the alert with what came of it."""

    outcome: AlertOutcome = Field(examples=["recovered_by_action"])
    note: str | None = Field(default=None, max_length=4000, pattern=NO_NUL)


class StartRun(Request):
    """Start a playbook by hand."""

    playbook: str = Field(min_length=1, max_length=256, pattern=NO_NUL)
    account_id: str = Field(min_length=1, max_length=256, pattern=NO_NUL)


class CloseRun(Request):
    """Close the run with what came of it."""

    outcome: RunOutcome = Field(examples=["completed"])
    note: str | None = Field(default=None, max_length=4000, pattern=NO_NUL)


class Discard(Request):
    """Give a dead letter up for good, for a reason."""

    reason: str = Field(min_length=1, max_length=500, pattern=WORDS)


def require_snooze_end(until: datetime, now: datetime) -> None:
    """Refuse with 422 an end that has passed, or that nobody would wait for."""
    last = now + timedelta(days=MAX_SNOOZE_DAYS)
    if until <= now:
        raise wrong_field("body.until", f"must be after {now:%Y-%m-%dT%H:%M:%SZ}")
    if until > last:
        raise wrong_field(
            "body.until",
            f"must be at most {MAX_SNOOZE_DAYS} days ahead, so not after {last:%Y-%m-%dT%H:%M:%SZ}",
        )
