"""Daily evaluations of a set of accounts: day by day, in order, without touching a database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from services.signals.alerting.account import AccountViews
from services.signals.alerting.alert import Action, AlertChange, Track, score_view
from services.signals.alerting.budget import budget_pass, settle, standing_alerts
from services.signals.alerting.detect import Detectors
from services.signals.alerting.detectors.market import MarketOn
from services.signals.alerting.elsewhere import Closing
from services.signals.alerting.ends import live_keys
from services.signals.alerting.findings import CHURN_RISK, Finding
from services.signals.alerting.fold import ChoosePlay, alert_key, fold_day
from services.signals.alerting.recovery import rests_on
from services.signals.alerting.severity import remember
from services.signals.features.facts import DAY_MICROS, Facts
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit
from services.signals.scoring.scores import Scores
from services.signals.store.scores import NO_DATA, Values, score_values
from services.signals.worker.told import Told, is_month_start


@dataclass(slots=True)
class Story:
    """What came of the days, in order; accounts are indices into the facts."""

    signals: list[tuple[int, Values, bool]] = field(default_factory=list)  # the last: to be told
    changes: list[tuple[int, int, AlertChange]] = field(default_factory=list)  # day, account
    last: Scores | None = None
    good: dict[int, Scores] = field(default_factory=dict)  # of silent feeds: the last with data
    days: int = 0
    thin: dict[tuple[int, int], float] = field(default_factory=dict)
    """Coverage, by day and account, of those that changed while an input was silent."""


@dataclass(slots=True)
class Past:
    """What earlier evaluations left behind; `tracks` are replaced as days go by."""

    tracks: list[Track]
    told: Told
    actions: Mapping[int, Sequence[Action]]  # by index
    first_day: Sequence[int]  # by index: day of the first event
    elsewhere: Mapping[int, Sequence[Closing]] = field(default_factory=dict)  # by index
    lived: Sequence[Track] = ()  # by index: of days that are folded anew, what was told of them


class DailyEvaluation:
    """Evaluates days one after the other; the same days in any chunks tell the same story.

    `market_on` is that of `Detectors`. `lived` says that what opens at once was looked for between
    the days, too.
    """

    def __init__(
        self,
        facts: Facts,
        evaluator: Evaluator,
        past: Past,
        *,
        fit_on: Callable[[int], PopulationFit],
        market_on: MarketOn | None,
        views: AccountViews,
        choose: ChoosePlay,
        budget: bool,
        lived: bool = False,
    ) -> None:
        self._facts, self._evaluator, self._past, self._fit_on = facts, evaluator, past, fit_on
        self._views, self._choose, self._budget = views, choose, budget
        self._lived = lived
        self._detectors = Detectors(facts, market_on, views)
        self._place = {account: at for at, account in enumerate(facts.account_ids)}
        self.story = Story()

    def evaluate(self, day: int) -> None:
        """Evaluate one day: scores, signals, alerts, the weekly budget."""
        fit = self._fit_on(day)
        self._evaluator.use(fit)
        scores = self._evaluator.scores(day)
        known = [first < day for first in self._past.first_day]
        self._tell(scores, known)
        changes = self._fold(day, scores, known)
        if self._budget:
            self._share(day, changes)
        self._cover(scores.coverage.tolist(), known, changes)
        for index in sorted(changes):
            if self._past.tracks[index].coverage < 1.0:
                self.story.thin[day, index] = self._past.tracks[index].coverage
            self.story.changes += [(day, index, one) for one in settle(changes[index])]
        self._keep(scores)

    def _keep(self, scores: Scores) -> None:
        """Remember the day, and for silent feeds the last day on which there was data."""
        story = self.story
        silent = {at for at, state in enumerate(scores.state) if state == NO_DATA}
        before = story.last
        story.good = {
            at: story.good.get(at, before)
            for at in silent
            if before is not None and (at in story.good or before.state[at] != NO_DATA)
        }
        story.last = scores
        story.days += 1

    def _tell(self, scores: Scores, known: Sequence[bool]) -> None:
        told = self._past.told
        changed = set(told.changed(scores, known))
        rows = set(changed)
        if is_month_start(scores.day):
            rows |= {
                index
                for index, state in enumerate(scores.state)
                if known[index] and state in {"scored", "lost"}
            }
        for index in sorted(rows):
            why = self._evaluator.explain(scores.day, scores, index)
            if index in changed:
                told.remember(scores, index, why)
            values = score_values(scores, index, why)
            self.story.signals.append((index, values, index in changed))

    def _fold(
        self, day: int, scores: Scores, known: Sequence[bool]
    ) -> dict[int, list[AlertChange]]:
        found: dict[int, list[Finding]] = defaultdict(list)
        tracks = self._past.tracks
        standing = {
            at
            for at, lost in enumerate(scores.lost)
            if (lost or scores.is_blind(at)) and CHURN_RISK in live_keys(tracks[at])
        }
        for finding in self._detectors.findings(day, scores, standing):
            found[finding.account].append(finding)
        for finding in self._detectors.at_once((day - 1) * DAY_MICROS, day * DAY_MICROS):
            found[finding.account].append(finding)
        if self._lived:
            self._forget_missed(found)
        over: dict[int, list[Finding]] = defaultdict(list)
        alerted = {at for at, track in enumerate(tracks) if track.entries}
        for finding in self._detectors.over(day * DAY_MICROS, alerted):
            over[finding.account].append(finding)
        past, changes = self._past, {}
        for index, there in enumerate(known):
            if not there:
                continue
            score, track = score_view(scores, index, past.told.drivers[index]), past.tracks[index]
            if not track.entries and index not in found:
                past.tracks[index] = remember(track, score)  # what the fold would do, most days
                continue
            past.tracks[index], changed = fold_day(
                track,
                account=self._views.as_of(index, day),
                day=day,
                score=score,
                findings=found.get(index, ()),
                choose=self._choose,
                actions=past.actions.get(index, ()),
                over=over.get(index, ()),
                elsewhere=past.elsewhere.get(index, ()),
            )
            if changed:
                changes[index] = changed
        return changes

    def _forget_missed(self, found: dict[int, list[Finding]]) -> None:
        """Drop what began and ended since the last evaluation and opened nothing meanwhile.

        It was told too late to be open to anybody who looked. Of days that are folded anew, that
        stays of which an alert had told.
        """
        past = self._past
        for index, findings in found.items():
            live = live_keys(past.tracks[index])
            told = past.lived[index].entries if past.lived else {}
            found[index] = [
                one
                for one in findings
                if not one.over or (key := alert_key(one)) in live or rests_on(told.get(key), one)
            ]

    def _cover(
        self, coverage: list[float], known: Sequence[bool], changes: dict[int, list[AlertChange]]
    ) -> None:
        """Note what share of the inputs speaks; where more do, let alerts ask for runs again."""
        tracks = self._past.tracks
        for index, share in enumerate(coverage):
            before = tracks[index].coverage
            if share == before or not known[index]:
                continue
            tracks[index] = replace(tracks[index], coverage=share)
            if share > before:
                told = {one.alert.alert_id for one in changes.get(index, ())}
                asking = [one for one in standing_alerts(tracks[index]) if one.alert_id not in told]
                if asking:
                    again = [AlertChange("admitted", one) for one in asking]
                    changes[index] = [*changes.get(index, ()), *again]

    def _share(self, day: int, changes: dict[int, list[AlertChange]]) -> None:
        """Run the weekly budget over all accounts."""
        tracks = {
            self._facts.account_ids[index]: track
            for index, track in enumerate(self._past.tracks)
            if track.entries
        }
        for account_id, (track, changed) in budget_pass(tracks, day).items():
            index = self._place[account_id]
            self._past.tracks[index] = track
            changes.setdefault(index, []).extend(changed)
