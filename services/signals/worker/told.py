"""Which scores are worth telling: a change of band, list or early warning, or five points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from services.signals.scoring.scores import Explanation, FloatArray, Scores
from services.signals.store.scores import NO_DATA

MOVED = 0.05 - 1e-12
"""Five points of risk."""
DRIVERS = 3
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Told:
    """What the last signal event of each account said, over a run of days."""

    def __init__(self, last: Sequence[Mapping[str, Any] | None]) -> None:
        self._keys: list[tuple[Any, ...] | None] = [
            None if one is None else _key(one) for one in last
        ]
        risks = [np.nan if one is None or one["risk"] is None else one["risk"] for one in last]
        self._risk: FloatArray = np.array(risks, dtype=np.float64)
        self.drivers: list[tuple[str, ...]] = [
            () if one is None else tuple(one.get("drivers", ())) for one in last
        ]

    def changed(self, scores: Scores, known: Sequence[bool]) -> list[int]:
        """Return the accounts whose score is news; `known` = it has facts as of that day."""
        moved = np.abs(scores.risk - self._risk) >= MOVED
        keys = zip(scores.band, scores.list, scores.early_warning_months.tolist(), strict=True)
        return [
            index
            for index, (key, before, jumped, state, there) in enumerate(
                zip(keys, self._keys, moved.tolist(), scores.state, known, strict=True)
            )
            if there and state != NO_DATA and (jumped or _shown(key, state) != before)
        ]

    def remember(self, scores: Scores, index: int, why: Explanation) -> None:
        """Keep what was just told."""
        key = scores.band[index], scores.list[index], int(scores.early_warning_months[index])
        self._keys[index] = _shown(key, scores.state[index])
        self._risk[index] = scores.risk[index]
        self.drivers[index] = strongest(why)

    def memory(self, index: int) -> dict[str, Any] | None:
        """Return what to keep of an account until the next run."""
        key = self._keys[index]
        if key is None:
            return None
        risk = float(self._risk[index])
        return {
            "band": key[0],
            "list": key[1],
            "early_warning_months": key[2] or None,
            "risk": None if np.isnan(risk) else risk,
            "drivers": list(self.drivers[index]),
        }


def strongest(why: Explanation) -> tuple[str, ...]:
    """Return the codes that raise the risk most."""
    raising = [reason for reason in why.reasons if reason.contribution > 0]
    raising.sort(key=lambda reason: -reason.contribution)
    return tuple(reason.code for reason in raising[:DRIVERS])


def is_month_start(day: int) -> bool:
    """Return whether a day since 1970 is the first of its month."""
    return (_EPOCH + timedelta(days=day)).day == 1


def midnight(day: int) -> datetime:
    """Return 00:00 UTC of a day."""
    return _EPOCH + timedelta(days=day)


def _key(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return one["band"], one["list"], one["early_warning_months"] or 0


def _shown(key: tuple[Any, ...], state: str) -> tuple[Any, ...]:
    return (None, None, 0) if state == "insufficient_data" else key
