"""What every look of the wall clock ends with, before its scores are stored."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from services.signals.alerting.alert import Track
from services.signals.store.claims import score_again
from services.signals.store.locks import notify
from services.signals.store.merges import parted_from
from services.signals.store.stream import CHANNEL
from services.signals.worker.record import Recorder
from services.signals.worker.scene import Scene


def finish(
    connection: Connection, scene: Scene, recorder: Recorder, tracks: Sequence[Track]
) -> None:
    """Record the tracks, tell the news, and have those looked at that are no longer one."""
    stage = scene.stage
    recorder.tracks(stage.tracks, tracks)
    recorder.send()
    score_again(connection, parted_from(connection, stage.facts, stage.into))
    notify(connection, CHANNEL)
