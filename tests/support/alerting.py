"""Small pieces for tests of the alert fold, written by hand."""

from __future__ import annotations

from typing import Any

from services.signals.alerting.account import AccountView, Person
from services.signals.alerting.alert import Action, AlertChange, ScoreView, Track
from services.signals.alerting.findings import Finding
from services.signals.alerting.fold import fold_day
from services.signals.features.facts import DAY_MICROS, EventRef
from services.signals.scoring.scores import Cuts

CUTS = Cuts(30.0, 50.0, 70.0)
LINH, DUC = Person("kam-linh", "Linh"), Person("kam-duc", "Duc")
ACCOUNT = AccountView("ACC-1", name="Saigon Footwear", kam=LINH, calendar="VN")


def score(points: float | None, **changes: Any) -> ScoreView:
    """Return a score with the fallback cuts."""
    band = None
    if points is not None:
        band = ("healthy", "watch", "high", "critical")[sum(points >= cut for cut in CUTS)]
    given = {"state": "scored", "list": "active_at_risk", "cuts": CUTS, "band": band, **changes}
    return ScoreView(risk_score=points, **given)


def finding(type_: str = "churn_risk", **changes: Any) -> Finding:
    """Return a finding of the only account."""
    given: dict[str, Any] = {
        "account": 0,
        "type": type_,
        "reason": type_,
        "scope": {"kind": "account"},
        "scope_key": "account",
        "text": "Last booking on 12 Feb 2026",
        "events": (EventRef("/tms", "b1"),),
    }
    return Finding(**{**given, **changes})


class Days:
    """One account, evaluated day after day; keeps every change with its day."""

    def __init__(self, account: AccountView = ACCOUNT, start: int = 20_000) -> None:
        self.account, self.day = account, start
        self.track = Track()
        self.told: list[tuple[int, AlertChange]] = []

    def evaluate(
        self,
        today: ScoreView,
        *findings: Finding,
        actions: tuple[Action, ...] = (),
        over: tuple[Finding, ...] = (),
    ) -> list[AlertChange]:
        """Fold the next day; returns its changes."""
        self.day += 1
        self.track, changes = fold_day(
            self.track,
            account=self.account,
            day=self.day,
            score=today,
            findings=findings,
            choose=lambda alert, account: "slowdown_check",
            actions=actions,
            over=over,
        )
        self.told += [(self.day, one) for one in changes]
        return changes

    def many(self, days: int, today: ScoreView, *findings: Finding) -> list[AlertChange]:
        """Fold the same day several times; returns all changes."""
        return [one for _ in range(days) for one in self.evaluate(today, *findings)]

    @property
    def now(self) -> int:
        """Return the moment of the last evaluation."""
        return self.day * DAY_MICROS


def kinds(changes: list[AlertChange]) -> list[str]:
    """Return the names of the changes."""
    return [one.kind for one in changes]
