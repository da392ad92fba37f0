"""Notices that a topic got more partitions: from then on an account's records lie in two of them.

Nothing is lost by it, since no effect rests on the order of arrival; but producers that count on
the order per key should hear of it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping

import structlog

from shared.kafka.positions import Place
from shared.runtime.telemetry import TOPIC_PARTITIONS

log = structlog.get_logger(__name__)


class PartitionCounts:
    """Remembers how many partitions each topic had."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def see(self, counts: Mapping[str, int]) -> None:
        """Take note of the counts; say which changed."""
        for topic, count in counts.items():
            known = self._known.get(topic, count)
            if known != count:
                log.warning("partition count changed", topic=topic, was=known, now=count)
            self._known[topic] = count
            TOPIC_PARTITIONS.labels(topic).set(count)

    def others(self, places: Container[Place]) -> list[Place]:
        """Return every partition but these."""
        every = (Place(topic, at) for topic, count in self._known.items() for at in range(count))
        return [place for place in every if place not in places]
