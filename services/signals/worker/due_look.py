"""Which of the accounts that are due one daily look takes, from which day, and with what facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from services.signals.features.facts import DAY_MICROS
from services.signals.worker.look_back import from_the_start, never_looked_at
from services.signals.worker.scene import CATCH_UP_DAYS, Scene, Scenes
from shared.store.base import to_micros


class DueLook(NamedTuple):
    """Accounts of one chunk that have the same days before them."""

    ids: list[int]
    days: range  # to evaluate
    scene: Scene
    is_first: bool  # of each of them


def due_look(
    scenes: Scenes, connection: Connection, claimed: Sequence[tuple[int, datetime]], now: datetime
) -> DueLook:
    """Return the look at those who are longest due; the others stay due.

    Accounts never looked at go before the others and are asked of no day that has begun: their
    days are told by a look back.
    """
    today = to_micros(now) // DAY_MICROS
    # The day of a look between two midnights was evaluated before.
    first = min(_first_day(due) for _, due in claimed)
    ids = [one for one, due in claimed if _first_day(due) == first]
    scene = scenes.of(connection, ids, now, past=True)
    newcomers = never_looked_at(scene.stage)
    if not newcomers:
        days = range(max(first, oldest_day(today)), today + 1)
        return DueLook(ids, days, scene, is_first=False)
    if len(newcomers) < len(ids):
        scene = scenes.of(connection, newcomers, now, past=True)
    days = range(today + 1, today + 1)
    return DueLook(newcomers, days, from_the_start(scene), is_first=True)


def oldest_day(today: int) -> int:
    """Return the first day that is evaluated after a long rest."""
    return today - CATCH_UP_DAYS + 1


def _first_day(due: datetime) -> int:
    """Return the first day that a look which is due then evaluates."""
    return -(-to_micros(due) // DAY_MICROS)
