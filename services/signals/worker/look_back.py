"""Looks at the last weeks again of accounts of which history came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from services.signals.alerting.alert import AlertChange, Track, score_view
from services.signals.alerting.history import HistoryWatch, key_of, with_past
from services.signals.alerting.life import Moment
from services.signals.alerting.merged import with_merges
from services.signals.alerting.revised import LastWeeks, revise
from services.signals.features.facts import DAY_MICROS
from services.signals.scoring.scores import Scores
from services.signals.worker.daily import DailyEvaluation, Past, Story
from services.signals.worker.scene import Scene
from services.signals.worker.stage import Stage, Tools, changes_of
from services.signals.worker.starts import Changed
from services.signals.worker.told import Told
from shared.store.base import to_micros


class _Anew(NamedTuple):
    """Days that were folded once more, of all accounts, and the scores as of the last one."""

    days: range
    tracks: Sequence[Track]
    scores: Scores


def note_history(
    stage: Stage, watch: HistoryWatch, tracks: Sequence[Track], moment: int
) -> list[Track]:
    """Return the tracks that know which history came since the last look at their days."""
    noted = []
    for index, track in enumerate(tracks):
        view = stage.views.before(index, moment + 1)
        merged = with_merges(stage.tracks[index], view) is not stage.tracks[index]
        noted.append(watch.moved(index, track) if merged else watch.came(index, track, moment))
    return noted


def look_back(
    tools: Tools, scene: Scene, past: Past, days: range, *, first: bool, now: int
) -> tuple[list[Changed], Story]:
    """Fold these days anew where history came, at `now` (microseconds); replaces `past.tracks`.

    At the `first` look the days' scores are told, too; later they are left as they were, and the
    alerts that were opened by less than the whole history are revised.
    """
    behind = [index for index, one in enumerate(past.tracks) if one.look_back_at is not None]
    if not behind or not days:
        return [], Story()
    stage, kept = scene.stage, past.tracks
    anew = replace(
        past,
        tracks=[Track(joined=one.joined, merged=one.merged) for one in kept],
        told=past.told if first else Told([None] * len(kept)),
        actions={},
        lived=kept,
    )
    evaluation = days_of(tools, scene, anew)
    for day in days:
        evaluation.evaluate(day)
    changes: list[Changed] = []
    keys: dict[int, set[str]] = {}
    scores = evaluation.story.last
    for index in behind:
        if not first and scores is not None:
            weeks = _Anew(days, anew.tracks, scores)
            kept[index], revised = _revise(tools, stage, kept[index], index, weeks, now)
            changes += revised
        kept[index], keys[index], dropped = with_past(kept[index], anew.tracks[index], ended=first)
        view, moment = stage.views.as_of(index, days[0]), days[0] * DAY_MICROS
        changes += [Changed(moment, index, one, view) for one in dropped]
    changes += [
        one
        for one in changes_of(stage, evaluation.story)
        if key_of(one.change) in keys.get(one.index, ())
    ]
    return changes, evaluation.story


def _revise(
    tools: Tools, stage: Stage, track: Track, index: int, anew: _Anew, now: int
) -> tuple[Track, list[Changed]]:
    """Return an account's track with its alerts revised, and what changed."""
    view, score = stage.views.before(index, now + 1), score_view(anew.scores, index)
    weeks = LastWeeks(
        anew.tracks[index],
        anew.days[0] * DAY_MICROS,
        anew.days[-1] * DAY_MICROS,
        Moment(view, now, score, score.band, tools.plays.choose),
        {act.alert_id for act in stage.actions.get(index, ())},
    )
    said: list[AlertChange] = []
    return revise(track, weeks, said), [
        Changed(now, index, one, view, float(anew.scores.coverage[index])) for one in said
    ]


def never_looked_at(stage: Stage) -> list[int]:
    """Return the row ids of accounts of which no day was evaluated yet."""
    pairs = zip(stage.accounts, stage.tracks, strict=True)
    return [
        account.id
        for account, track in pairs
        if not track.bands and (track.history is None or track.look_back_at is not None)
    ]


def told_later(stage: Stage, watch: HistoryWatch, now: datetime) -> set[int]:
    """Return the accounts whose score is told by their first look, once no more history comes.

    By a part of it they may seem lost. Those without a day before today have no such look.
    """
    if all(track.bands for track in stage.tracks):
        return set()
    today = to_micros(now) // DAY_MICROS
    noted = note_history(stage, watch, stage.tracks, to_micros(now))
    return {
        index
        for index, track in enumerate(noted)
        if not track.bands and track.look_back_at and stage.accounts[index].first_day < today
    }


def from_the_start(scene: Scene) -> Scene:
    """Return the scene of accounts whose days are told first, whatever was told of the present."""
    told = Told([None] * len(scene.stage.accounts))
    return replace(scene, stage=replace(scene.stage, told=told))


def days_of(tools: Tools, scene: Scene, past: Past) -> DailyEvaluation:
    """Return what evaluates the days of one look; the week's budget is shared by the day's end."""
    return DailyEvaluation(
        scene.stage.facts,
        scene.evaluator,
        past,
        fit_on=scene.fit_on,
        market_on=scene.market_on,
        views=scene.stage.views,
        choose=tools.plays.choose,
        budget=False,
        lived=True,
    )
