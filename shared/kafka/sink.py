"""Where the consumer loop puts records: the port, and the error that both sides know."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from aiokafka import ConsumerRecord

from shared.kafka.positions import Place, Stand


class PartitionLostError(Exception):
    """The sink may not write these partitions any more: locate them again."""

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__(", ".join(map(str, places)))
        self.places = places


class Portion(Protocol):
    """Decoded records of one partition, ready to be written."""

    @property
    def place(self) -> Place:
        """Return the partition."""
        ...

    @property
    def following(self) -> int:
        """Return the offset after the last record taken."""
        ...

    @property
    def records(self) -> int:
        """Return how many records it has."""
        ...


class Sink(Protocol):
    """Where records go. `write` must be idempotent for the same portions."""

    async def locate(self, places: Mapping[Place, int]) -> Mapping[Place, Stand]:
        """Return the stored position of each place, beginning at the given offset if new."""
        ...

    def take(
        self, place: Place, expected: int, records: Sequence[ConsumerRecord]
    ) -> Portion | None:
        """Decode records, all of them or a leading part; None to take nothing for now."""
        ...

    def wants(self, place: Place) -> bool:
        """Tell whether `take` would take something again."""
        ...

    async def write(self, portions: Sequence[Any]) -> None:
        """Commit portions in one transaction, retrying until it is known to be done.

        Raises `PartitionLostError`.
        """
        ...

    async def measured(
        self, ends: Mapping[Place, int], others: Collection[Place], asked_at: float
    ) -> Mapping[Place, int]:
        """Take note of the log ends, asked for at a monotonic second; return the positions.

        `others` are the topics' partitions whose ends are not known to this process.
        """
        ...
