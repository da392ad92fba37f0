"""What the demo plays: a simulated forwarder, or a file of real shipments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from services.cli.simulator import Simulation
from services.ingest.adapters import (
    MappedEvent,
    MappedFile,
    RowReject,
    WrongFileError,
    find_mapping,
    load_mapping,
)

MONTH_MICROS = 30_436_875 * 86_400
"""Microseconds of a mean month: 30.436875 days."""


@dataclass(frozen=True, slots=True)
class DemoInput:
    """Events in order of time, rows that are no events, and what to call them."""

    events: Sequence[MappedEvent]
    rejects: Sequence[RowReject]
    title: str
    synthetic: bool

    @property
    def accounts(self) -> int:
        """Return how many accounts the events name."""
        return len({event.subject for event in self.events})

    @property
    def months(self) -> int:
        """Return how many months the events span, at least one."""
        if not self.events:
            return 0
        return max(1, round((self.events[-1].time - self.events[0].time) / MONTH_MICROS))


def simulated(accounts: int = 60, months: int = 30, seed: int = 7) -> DemoInput:
    """Return the synthetic forwarder."""
    events = list(Simulation(accounts=accounts, months=months, seed=seed))
    return DemoInput(events, (), "a synthetic forwarder", synthetic=True)


def from_file(path: Path, mapping: str, extra: Path | None) -> DemoInput:
    """Return a file's events.

    Raises `MappingError`, `OSError`, and `WrongFileError` when nothing of it can be played.
    """
    items = list(MappedFile(path, load_mapping(find_mapping(mapping, extra))))
    events = [item for item in items if isinstance(item, MappedEvent)]
    events.sort(key=lambda event: event.time)
    rejects = [item for item in items if isinstance(item, RowReject)]
    if not events:
        why = (
            f"not one of its {len(rejects)} rows, as {rejects[0].detail}" if rejects else "nothing"
        )
        raise WrongFileError(f"{path}: there is {why} in it to play; is {mapping} the right map?")
    synthetic = all(b'"source":"/synthetic/' in e.value for e in events)
    return DemoInput(events, rejects, path.name, synthetic=synthetic)
