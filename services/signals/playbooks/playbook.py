"""A playbook: what to do, by whom, by when, with the words for it in three languages."""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["task", "message", "webhook", "wait", "decision"]
Role = Literal["KAM", "CS", "OPS", "FIN", "COM", "HEAD"]
Band = Literal["healthy", "watch", "high", "critical"]
AlertType = Literal[
    "churn_risk", "volume_erosion", "silent_lane_loss", "complaint", "stakeholder",
    "no_recovery", "nomination_shift", "renewal",
]  # fmt: skip
Outcome = Literal[
    "recovered_by_action", "recovered_alone", "saved_after_competitive_attack", "partial_loss",
    "lost", "false_alarm", "explained_change", "accepted_risk", "duplicate", "completed",
    "renewed", "renewed_reduced", "not_renewed", "expanded", "declined_by_customer", "abandoned",
]  # fmt: skip


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a playbook file: unknown fields are errors."""


class Words(_Strict, frozen=True):
    """The same text in the three languages."""

    en: str
    vi: str
    pt: str


class Trigger(_Strict, frozen=True):
    """Which alerts the play answers; an empty list of types means by hand or by call only."""

    types: tuple[AlertType, ...] = ()
    reasons: tuple[str, ...] = ()  # any where empty
    min_band: Band | None = None
    tiers: tuple[str, ...] = ()  # any where empty
    scope: Literal["account", "lane", "ticket", "contact"] | None = None
    when: str = "true"  # CEL over alert and account
    priority: int = 50  # the lowest of those that match wins


class Guards(_Strict, frozen=True):
    """What keeps a play from starting."""

    cooldown_days: int = 14
    max_active_per_account: int = 1
    coverage_min: float = 0.6


class Sla(_Strict, frozen=True):
    """Hours to the first action."""

    first_action: int = 72
    critical: int = 24


class Step(_Strict, frozen=True):
    """One step; `due` counts business days of the account's calendar from the trigger.

    What is promised within `hours` is due by them: working hours from the trigger, each 24 a
    business day.
    """

    id: str
    role: Role
    due: int
    title: Words
    hours: int | None = None
    kind: Kind = "task"
    text: Words | None = None  # draft message


class Playbook(_Strict, frozen=True):
    """A versioned play of the library."""

    id: str
    version: int
    title: Words
    purpose: str
    outcomes: tuple[Outcome, ...]
    steps: tuple[Step, ...]
    trigger: Trigger = Trigger()
    guards: Guards = Guards()
    sla_hours: Sla = Sla()
    avoid: str = ""
    called: bool = False  # not the account's one active run: called plays, notices, dated plays

    def first_action_hours(self, band: str | None) -> int:
        """Return the hours to the first action for an alert of this band."""
        return self.sla_hours.critical if band == "critical" else self.sla_hours.first_action
