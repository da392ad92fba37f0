"""Rows to entities: typed rows gathered by key and reduced to one set of fields."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from services.ingest.adapters.cells import Value
from services.ingest.adapters.schema import Entity, Field

Typed = Mapping[str, Value]
"""A row's typed values, by column name."""
HOUR = timedelta(hours=1)


def grouped(rows: Iterable[Typed], keys: Sequence[str]) -> list[list[Typed]]:
    """Return rows with equal keys together, groups in order of their first row."""
    groups: dict[tuple[Value, ...], list[Typed]] = {}
    for row in rows:
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return list(groups.values())


class Reducer:
    """Reduces the rows of one entity to its fields; counts ordinals on the way."""

    def __init__(self, entity: Entity) -> None:
        self._fields = entity.fields
        self._seen: dict[str, Counter[tuple[Value, ...]]] = {
            name: Counter() for name, field in entity.fields.items() if field.ordinal
        }

    def fields(self, rows: Sequence[Typed]) -> dict[str, Value]:
        """Return every column's first present value, and the map's own fields over them."""
        result = dict(rows[0])
        for row in rows[1:]:
            for name, value in row.items():
                if result[name] is None:
                    result[name] = value
        for name, field in self._fields.items():
            result[name] = self._reduced(name, field, rows, result)
        return result

    def _reduced(
        self, name: str, field: Field, rows: Sequence[Typed], so_far: Mapping[str, Value]
    ) -> Value:
        way, operand = field.ways()[0]
        if way == "ordinal":
            key = tuple(so_far[part] for part in operand)
            self._seen[name][key] += 1
            return self._seen[name][key]
        if way == "hours_between":
            return _hours(so_far[operand[0]], so_far[operand[1]])
        if way == "stamp":
            return _stamp(so_far[operand])
        present = [value for row in rows if (value := row[operand]) is not None]
        return REDUCTIONS[way](present)


def _hours(start: Value, end: Value) -> Value:
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    hours = Decimal((end - start) // timedelta(microseconds=1)) / Decimal(3_600_000_000)
    return hours.quantize(Decimal("0.001")).normalize() + 0


def _stamp(moment: Value) -> str | None:
    """Return a date as references have it: two moments never have the same."""
    if not isinstance(moment, datetime):
        return None
    if moment.microsecond:
        return f"{moment:%Y%m%d-%H%M%S%f}"
    if moment.second:
        return f"{moment:%Y%m%d-%H%M%S}"
    return f"{moment:%Y%m%d-%H%M}" if moment.hour or moment.minute else f"{moment:%Y%m%d}"


def _sum(values: list[Any]) -> Value:
    return sum(values) if values else None


REDUCTIONS: Mapping[str, Callable[[list[Any]], Value]] = {
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "sum": _sum,
    "count": len,
}
