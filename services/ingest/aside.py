"""Facts that the database cannot hold become dead letters, so that the rest is stored. Pure."""

from __future__ import annotations

from collections.abc import Callable

from services.ingest.batch import Batch, DeadLetter, PlacedFact
from shared.contracts.file_rows import file_headers


def set_aside(batch: Batch, try_out: Callable[[PlacedFact], str | None]) -> None:
    """Turn the facts that cannot be stored by themselves into dead letters.

    `try_out` returns what is wrong with a fact, or None.
    """
    kept, letters = [], list(batch.dead_letters)
    for placed in batch.facts:
        fault = try_out(placed)
        if fault is None:
            kept.append(placed)
        else:
            letters.append(_letter(batch, placed, fault))
    batch.facts, batch.dead_letters = kept, letters


def _letter(batch: Batch, placed: PlacedFact, fault: str) -> DeadLetter:
    fact = placed.fact
    part = next((s for s in batch.slices if s.topic == fact.type.topic), None)
    if part is None or placed.offset is None:
        origin, topic = f"{batch.intake}:{fact.source}:{fact.id}", None
    else:
        origin = f"kafka:{part.cluster_id}:{part.topic}:{placed.partition}:{placed.offset}"
        topic = part.topic
    headers = file_headers(batch.places.get((fact.source, fact.id), ""))
    return DeadLetter(
        origin, topic, placed.partition, placed.offset, fact.subject.encode(), fact.data, headers,
        "not_storable", fault[:300], fact.recorded,
    )  # fmt: skip
