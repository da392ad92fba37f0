"""All detectors over a set of accounts, and what mutes their findings."""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import replace

from services.signals.alerting.account import AccountViews
from services.signals.alerting.detectors.churn import ChurnWatch
from services.signals.alerting.detectors.complaint import complaint_spells
from services.signals.alerting.detectors.coverage_gap import CoverageWatch
from services.signals.alerting.detectors.lanes import LaneWatch
from services.signals.alerting.detectors.market import MarketOn
from services.signals.alerting.detectors.mutes import SeasonWatch
from services.signals.alerting.detectors.no_recovery import RecoveryWatch
from services.signals.alerting.detectors.nomination import NominationWatch
from services.signals.alerting.detectors.renewal import renewal_spells
from services.signals.alerting.detectors.spells import Spells
from services.signals.alerting.detectors.stakeholder import stakeholder_spells
from services.signals.alerting.detectors.volume import VolumeWatch
from services.signals.alerting.findings import Finding
from services.signals.features.facts import Facts
from services.signals.scoring.scores import Scores
from shared.domain.holds import hold_of


class Detectors:
    """Findings of any day; prepared once for a set of accounts.

    Nothing at or after 00:00 UTC of the day is looked at, so the same day always gives the same
    findings whatever else the facts hold. `market_on` says which lanes fell for everybody; None
    where the facts are those of the whole book, and say it themselves. `views` are the accounts
    as somebody folded them already.
    """

    def __init__(
        self, facts: Facts, market_on: MarketOn | None, views: AccountViews | None = None
    ) -> None:
        self._churn, self._volume, self._lanes = (
            ChurnWatch(facts),
            VolumeWatch(facts),
            LaneWatch(facts, market_on),
        )
        self._recovery, self._nomination = RecoveryWatch(facts), NominationWatch(facts)
        self._spells = Spells(
            [*complaint_spells(facts), *stakeholder_spells(facts), *renewal_spells(facts)]
        )
        self._views, self._seasons = views or AccountViews(facts), SeasonWatch(facts)
        self._coverage = CoverageWatch(facts, self._views)

    def findings(self, day: int, scores: Scores, standing: Container[int] = ()) -> list[Finding]:
        """Return what holds as of 00:00 UTC of `day`, by account; explained falls are muted.

        `standing` are those of whose risk an alert stands.
        """
        fallen = self._churn.findings(scores, standing)
        fallen += [one for one in self._volume.findings(day) if not scores.lost[one.account]]
        fallen += [one for one in self._lanes.findings(day) if not scores.lost[one.account]]
        fallen += [one for one in self._recovery.findings(day) if not scores.lost[one.account]]
        muted = [self._muted(one, day, scores) for one in fallen]
        found = muted + self._spells.as_of(day) + self._coverage.findings(day)
        found += [one for one in self._nomination.findings(day) if not scores.lost[one.account]]
        return sorted(found, key=lambda one: (one.account, one.type, one.reason, one.scope_key))

    def at_once(self, day_from_micros: int, until_micros: int) -> list[Finding]:
        """Return what opens at once by an event in [from, until), in order of time."""
        return self._spells.at_once(day_from_micros, until_micros)

    def over(self, now: int, accounts: Collection[int]) -> list[Finding]:
        """Return the conditions of these accounts that an event ended before `now`."""
        return self._spells.over(now, accounts)

    def _muted(self, finding: Finding, day: int, scores: Scores) -> Finding:
        account = finding.account
        view = self._views.as_of(account, day)
        reason = hold_of(view.status, view.hold_reason)
        if scores.silent_feed[account]:
            reason = "no_data"
        elif reason is None and finding.type == "churn_risk" and scores.is_blind(account):
            reason = "insufficient_data"
        elif reason is None and scores.floor[account] is not None:
            reason = None if finding.type == "churn_risk" else finding.muted
        elif reason is None:
            silence = day - int(scores.last_demand_day[account])
            season = self._seasons.explains(account, view, day, silence)
            reason = "season" if season else finding.muted
        return finding if reason == finding.muted else replace(finding, muted=reason)
