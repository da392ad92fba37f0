"""Cells to typed values: one function per column, made once per map."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from services.ingest.adapters.schema import Column, Scalar

Value = str | int | bool | Decimal | datetime | None
"""A typed value; None is absent."""
Convert = Callable[[str], Value]
BOOLEANS = {
    "true": True, "yes": True, "y": True, "1": True,
    "false": False, "no": False, "n": False, "0": False,
}  # fmt: skip
MOST_PLACES = 100
"""Of a number, before its point or after: written out, `1e999999999` fills the memory."""


class CellError(ValueError):
    """A cell is not what its column says; `reason` is the dead letter's."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def column_reader(
    column: Column, tables: Mapping[str, Mapping[str, Scalar]]
) -> Callable[[Mapping[str, Any]], Value]:
    """Return the function from a row's cells to the column's value; raises `CellError`."""
    absent = _any_of((*column.absent, *column.not_numbers))
    table = tables[column.lookup] if isinstance(column.lookup, str) else column.lookup
    convert = _converter(column)

    def read(cells: Mapping[str, Any]) -> Value:
        text = _text_at(cells, column.source)
        if not text or absent(text):
            return _nothing(column)
        if table is not None:
            found = _looked_up(text, table, column)
            if found is None:
                return _nothing(column)
            text = found
        try:
            return convert(text)
        except OverflowError as error:
            fault = f"{column.source}: {text[:80]!r} is outside the calendar in UTC"
            raise CellError("invalid_field", fault) from error
        except (ValueError, InvalidOperation) as error:
            raise CellError("invalid_field", _fault(column, text)) from error

    return read


def _nothing(column: Column) -> Value:
    """Return what an empty cell stands for."""
    if column.default is not None:
        value = column.default
        return Decimal(str(value)) if isinstance(value, float) else value
    if column.required:
        raise CellError("missing_field", f"{column.source}: is empty")
    return None


def _text_at(cells: Mapping[str, Any], path: str) -> str:
    """Return a cell's text, stripped; in JSON lines a dotted path goes into objects."""
    value: Any = cells.get(path)
    if value is None and path not in cells:
        value = cells
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else str(value)


def _looked_up(text: str, table: Mapping[str, Scalar], column: Column) -> str | None:
    if text in table:
        return str(table[text])
    if column.otherwise == "reject":
        raise CellError("invalid_field", f"{column.source}: {text[:80]!r} is not in the table")
    return text if column.otherwise == "keep" else None


def _converter(column: Column) -> Convert:
    if column.kind == "date":
        return lru_cache(maxsize=65_536)(_dates(column.formats, column.zone))
    if column.kind in {"number", "integer"}:
        return _numbers(column)
    if column.kind == "boolean":
        return _boolean
    return str


def _dates(formats: tuple[str, ...], zone: str) -> Convert:
    place = UTC if zone == "UTC" else ZoneInfo(zone)

    def convert(text: str) -> datetime:
        for form in formats:
            try:
                moment = (
                    datetime.fromisoformat(text) if form == "iso" else datetime.strptime(text, form)  # noqa: DTZ007 - given below
                )
            except ValueError:
                continue
            # One zone for all: between two times of one zone Python counts the hours of its clocks.
            known = moment.replace(tzinfo=place) if moment.tzinfo is None else moment
            return known.astimezone(UTC)
        raise ValueError(text)

    return convert


def _numbers(column: Column) -> Convert:
    scale = Decimal(str(column.scale))

    def convert(text: str) -> Decimal | int:
        if len(text) > MOST_PLACES:
            raise ValueError(text)
        plain = text.replace(column.thousands, "") if column.thousands else text
        number = Decimal(plain.replace(column.decimal, "."))
        if not number.is_finite() or abs(number.adjusted()) > MOST_PLACES:
            raise ValueError(text)
        number = number * scale if scale != 1 else number
        if column.kind == "number":
            return number
        if number != number.to_integral_value():
            raise ValueError(text)
        return int(number)

    return convert


def _boolean(text: str) -> bool:
    if (value := BOOLEANS.get(text.lower())) is None:
        raise ValueError(text)
    return value


def _any_of(patterns: tuple[str, ...]) -> Callable[[str], object]:
    if not patterns:
        return lambda _text: None
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)).fullmatch


def _fault(column: Column, text: str) -> str:
    """Say what a cell should have been."""
    wanted = {
        "date": f"a date as {' or '.join(column.formats)}",
        "boolean": "yes or no",
        "number": "a number",
        "integer": "a whole number",
    }.get(column.kind, column.kind)
    return f"{column.source}: {text[:80]!r} is not {wanted}"
