"""What the detectors hand to the alert fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.signals.features.facts import EventRef


def dedupe_key(type_: str, reason: str, scope_key: str) -> str:
    """Return the key that an account has one open alert of."""
    return f"{type_}|{reason}|{scope_key}"


CHURN_RISK = dedupe_key("churn_risk", "churn_risk", "account")


@dataclass(frozen=True, slots=True)
class Finding:
    """A condition that holds for one account as of one day (or, `at_once`, from one event on).

    The dedupe key of an alert is (account, type, reason, scope_key).
    """

    account: int  # index into Facts.account_ids
    type: str  # churn_risk, volume_erosion, silent_lane_loss, complaint, stakeholder, renewal ...
    reason: str  # fixed code per type
    scope: Mapping[
        str, Any
    ]  # {"kind": "account"}, {"kind": "lane", "origin", ...}, {"kind": "ticket", "ref"}
    scope_key: str
    text: str  # countable fact in English
    events: tuple[EventRef, ...]
    at_once: bool = False
    time: int | None = None  # microseconds of the event that opens at once
    over: bool = False  # it has ended, which text and events tell
    until: int | None = None  # microseconds of its end, once it has ended
    standing: bool = False  # told only to an alert that stands: it begins none
    muted: str | None = None  # one of SUPPRESSIONS: recorded, not shown
