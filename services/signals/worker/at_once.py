"""What does not wait for midnight on the wall clock: some openings, new owners, merges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.signals.alerting.acted import see_actions
from services.signals.alerting.alert import AlertChange, Track, score_view
from services.signals.alerting.budget import settle
from services.signals.alerting.detect import Detectors
from services.signals.alerting.ends import tell_ends
from services.signals.alerting.findings import Finding
from services.signals.alerting.fold import alert_key, fold_at_once, fold_parted
from services.signals.alerting.merged import asked_now, end_merged, is_parted, with_merges
from services.signals.alerting.owners import change_owner
from services.signals.features.facts import DAY_MICROS
from services.signals.scoring.scores import Scores
from services.signals.worker.record import Recorder
from services.signals.worker.scene import Scene
from services.signals.worker.stage import Stage, Tools
from services.signals.worker.starts import Changed
from shared.domain.event_types import AHEAD_MICROS
from shared.store.base import to_micros

Ends = Mapping[int, Mapping[str, Finding]]
AT_ONCE_DAYS = 2
"""How late an event may arrive and still open an alert before the next daily evaluation."""


def open_at_once(
    tools: Tools,
    scene: Scene,
    before: Sequence[Track],
    scores: Scores,
    recorder: Recorder,
    now: datetime,
) -> list[Track]:
    """Record what need not wait after the evaluations that led to `before`; return the tracks.

    `scores` are as of the end of the running day. Whatever intake took counts, also what came
    while the look went on or from a clock that is ahead: no other look may follow for hours.
    """
    stage, moment = scene.stage, to_micros(now)
    until = moment + AHEAD_MICROS + 1
    detectors = Detectors(stage.facts, scene.market_on, stage.views)
    found = _begun(stage, before, detectors, moment, until)
    alerted = {index for index, track in enumerate(before) if track.entries}
    over = _over([*detectors.over(until, alerted), *found])
    tracks, changes = _kept_up(tools, stage, before, scores, detectors, over, moment, until)
    changes += _ended(stage, tracks, over, moment, until)
    for finding in found:
        index = finding.account
        view = stage.views.before(index, until)
        if finding.over:
            continue  # it ended before anybody looked
        tracks[index], opened = fold_at_once(
            tracks[index],
            account=view,
            finding=finding,
            score=score_view(scores, index, stage.told.drivers[index]),
            choose=tools.plays.choose,
            actions=stage.actions.get(index, ()),
            elsewhere=stage.elsewhere.get(index, ()),
        )
        coverage = float(scores.coverage[index])
        changes += [Changed(moment, index, one, view, coverage) for one in settle(opened)]
    recorder.alerts(changes)
    recorder.owners(moment, lambda index: stage.views.before(index, until))
    return tracks


def _begun(
    stage: Stage, before: Sequence[Track], detectors: Detectors, moment: int, until: int
) -> list[Finding]:
    """Return what opens at once and is new to those who look, in order of time.

    Where a merge came or went, whatever holds by the facts that the account has now.
    """
    since = moment - AT_ONCE_DAYS * DAY_MICROS
    views = {index: stage.views.before(index, until) for index in range(len(before))}
    moved = {
        index for index, track in enumerate(before) if with_merges(track, views[index]) is not track
    }
    found: list[Finding] = []
    for one in detectors.at_once(0 if moved else since, until):
        if one.account in moved and not one.over:
            found += asked_now([one], before[one.account], views[one.account], moment)
        elif (one.time or 0) >= since:
            found.append(one)
    return found


def _kept_up(
    tools: Tools,
    stage: Stage,
    before: Sequence[Track],
    scores: Scores,
    detectors: Detectors,
    over: Ends,
    moment: int,
    until: int,
) -> tuple[list[Track], list[Changed]]:
    """Return the tracks after merges, their undoing, and changes of owner; and what changed."""
    tracks = list(before)
    changes: list[Changed] = []
    holding: dict[int, list[Finding]] | None = None
    for index, track in enumerate(tracks):
        silent: list[AlertChange] = []
        view = stage.views.before(index, until)
        after = track
        if view.merged_at is not None or is_parted(track, view):
            # What somebody has resolved is neither ended nor taken up again.
            after = see_actions(track, stage.actions.get(index, ()), silent, moment)
        after = end_merged(after, view, moment, silent)
        if is_parted(after, view):
            holding = _by_account(detectors, scores) if holding is None else holding
            after, parted = fold_parted(
                after,
                account=view,
                now=moment,
                score=score_view(scores, index, stage.told.drivers[index]),
                findings=holding[index],
                choose=tools.plays.choose,
                over=over.get(index, {}),
                elsewhere=stage.elsewhere.get(index, ()),
            )
            silent += parted
        tracks[index] = change_owner(with_merges(after, view), view, moment, silent)
        coverage = float(scores.coverage[index])
        changes += [Changed(moment, index, one, view, coverage) for one in silent]
    return tracks, changes


def _over(findings: Sequence[Finding]) -> Ends:
    """Return what an event ended, by account and dedupe key; `findings` are in order of time."""
    over: dict[int, dict[str, Finding]] = defaultdict(dict)
    for one in findings:
        if one.over:
            over[one.account][alert_key(one)] = one
        else:  # it came back since
            over[one.account].pop(alert_key(one), None)
    return over


def _ended(stage: Stage, tracks: list[Track], over: Ends, moment: int, until: int) -> list[Changed]:
    """Let live alerts say how their condition ended; replaces `tracks`, returns what changed."""
    changes: list[Changed] = []
    for index, ended in over.items():
        said: list[AlertChange] = []
        tracks[index] = tell_ends(tracks[index], ended, moment, said)
        view = stage.views.before(index, until)
        changes += [Changed(moment, index, one, view) for one in said]
    return changes


def _by_account(detectors: Detectors, scores: Scores) -> dict[int, list[Finding]]:
    """Return what holds as of the scores' day."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in detectors.findings(scores.day, scores):
        found[finding.account].append(finding)
    return found
