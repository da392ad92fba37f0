"""Says aloud that records failed in our own code: their letters alone would look like bad data."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from services.ingest.batch import DeadLetter
from services.ingest.decode import UNDECODABLE, Rejection

log = structlog.get_logger(__name__)


def report_defects(refused: Iterable[DeadLetter | Rejection]) -> None:
    """Log an error when any of them failed in our own code."""
    details = [each.detail for each in refused if each.reason == UNDECODABLE]
    if details:
        log.error(
            "a defect of ours: records that our own code fails on are dead letters, to be replayed"
            " once it is mended",
            reason=UNDECODABLE,
            count=len(details),
            first=details[0],
        )
