"""Between two midnights: accounts whose facts changed, each with the one that it went into."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from services.signals.alerting.alert import Alert
from services.signals.alerting.history import HistoryWatch
from services.signals.features.facts import DAY_MICROS
from services.signals.store.claims import lock_accounts, overdue
from services.signals.store.merges import merge_targets
from services.signals.store.scores import score_values
from services.signals.worker.at_once import open_at_once
from services.signals.worker.finish import finish
from services.signals.worker.look_back import note_history, told_later
from services.signals.worker.scene import Scenes
from services.signals.worker.stage import Tools, recorder_of
from services.signals.worker.told import midnight
from shared.store.base import to_micros


def rescore(
    tools: Tools, scenes: Scenes, connection: Connection, ids: Sequence[int], now: datetime
) -> list[Alert]:
    """Score accounts that are held; open, and return, only what need not wait for midnight."""
    targets = merge_targets(connection)
    extra = sorted({targets[one] for one in ids if one in targets} - set(ids))
    lock_accounts(connection, extra)
    # Who is taken along may be waiting for a midnight that this look does not evaluate.
    late = overdue(connection, [*ids, *extra], midnight(to_micros(now) // DAY_MICROS))
    scene = scenes.of(connection, [*ids, *extra], now, into=targets)
    stage, evaluator = scene.stage, scene.evaluator
    day = to_micros(now) // DAY_MICROS + 1
    scores = scene.scores(day)
    recorder = recorder_of(connection, tools, stage)
    changed = stage.told.changed(scores, [True] * len(stage.accounts))
    watch, told = HistoryWatch(stage.facts), {}
    for index in changed:
        told[index] = why = evaluator.explain(day, scores, index)
        stage.told.remember(scores, index, why)
    later = told_later(stage, watch, now)
    recorder.signals(
        [
            (index, score_values(scores, index, why) | {"as_of": now}, True)
            for index, why in told.items()
            if index not in later
        ]
    )
    tracks = open_at_once(tools, scene, stage.tracks, scores, recorder, now)
    tracks = note_history(stage, watch, tracks, to_micros(now))
    finish(connection, scene, recorder, tracks)
    scene.store(connection, scores, as_of=now, told=told, tracks=tracks, overdue=late)
    return recorder.opened
