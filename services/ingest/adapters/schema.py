"""The shape of a map file, as msgspec types: what is not here cannot be said.

A map has three stages. `columns` turns each row's cells into typed values; a row that fails is
rejected, alone. `entities` gather rows (`group_by`) and reduce them to fields. `events` write
one CloudEvent per entity from those fields.
"""

from __future__ import annotations

import codecs
import re
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

Format = Literal["csv", "jsonl", "cloudevents"]
Kind = Literal["text", "number", "integer", "date", "boolean"]
NUMBERS = frozenset({"number", "integer"})
Scalar = str | int | float | bool
NAME = re.compile(r"[a-z][a-z0-9_]*")
NOUN = Literal[
    "account", "booking", "warehouse", "complaint", "contact_change", "milestone",
    "contract", "quote", "invoice", "touchpoint", "disruption",
]  # fmt: skip


class Input(Struct, forbid_unknown_fields=True):
    """How the file is written. Gzip, a byte-order mark and any line ending are recognised."""

    format: Format
    encodings: tuple[str, ...] = ("utf-8",)  # tried in order, cell by cell
    delimiter: str = ","

    def __post_init__(self) -> None:
        """Refuse encodings that do not contain ASCII as it is."""
        if len(self.delimiter) != 1:
            raise ValueError("delimiter must be one character")
        for name in self.encodings:
            try:
                same = "a,\r\n".encode(name) == b"a,\r\n"
            except LookupError as error:
                raise ValueError(f"encoding {name!r} is unknown") from error
            if not same or not codecs.lookup(name).name:
                raise ValueError(f"encoding {name!r} does not contain ASCII")


class Column(Struct, forbid_unknown_fields=True):
    """One typed value of a row."""

    source: str = field(name="from")  # a column's heading; for JSON lines a dotted path
    kind: Kind = field(name="as", default="text")
    absent: tuple[str, ...] = ()  # patterns of a whole cell that mean "nothing here"
    not_numbers: tuple[str, ...] = ()  # the same, for numbers
    formats: tuple[str, ...] = ("iso",)  # of dates: `iso`, or as strptime writes them
    zone: str = "UTC"  # of dates without an offset
    thousands: str = ""
    decimal: str = "."
    scale: float = 1
    lookup: str | dict[str, Scalar] | None = None  # a table's name, or the table itself
    otherwise: Literal["reject", "keep", "absent"] = "reject"  # for what the lookup lacks
    default: Scalar | None = None
    required: bool = False

    def __post_init__(self) -> None:
        """Refuse patterns that do not compile and options of another kind."""
        for pattern in (*self.absent, *self.not_numbers):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"pattern {pattern!r}: {error}") from error
        if self.not_numbers and self.kind not in NUMBERS:
            raise ValueError("not_numbers needs `as: number` or `as: integer`")
        if self.formats != ("iso",) and self.kind != "date":
            raise ValueError("formats needs `as: date`")
        allowed = {"number": (int, float), "integer": (int,)}.get(self.kind)
        if allowed and self.default is not None and not isinstance(self.default, allowed):
            raise ValueError("default must be a number of the column's kind")


class Field(Struct, forbid_unknown_fields=True):
    """One value of an entity, reduced from its rows; exactly one way."""

    first: str | None = None
    last: str | None = None
    min: str | None = None
    max: str | None = None
    sum: str | None = None
    count: str | None = None  # rows that have the column
    ordinal: tuple[str, ...] | None = None  # 1 for the first entity with these values, then 2
    hours_between: tuple[str, str] | None = None  # fields: from, to; negative when earlier
    stamp: str | None = None  # of a date, short, in UTC: 20260301, or 20260301-0930 within the day

    def __post_init__(self) -> None:
        """Refuse none and several."""
        if len(self.ways()) != 1:
            raise ValueError(
                "needs exactly one of first, last, min, max, sum, count, ordinal, hours_between,"
                " stamp"
            )

    def ways(self) -> list[tuple[str, Any]]:
        """Return the ways that are given, by name."""
        given = ((name, getattr(self, name)) for name in self.__struct_fields__)
        return [(name, value) for name, value in given if value is not None]


class Event(Struct, forbid_unknown_fields=True):
    """One CloudEvent per entity.

    Text in braces is a field: a template of nothing else keeps the field's type, and whatever
    holds an absent field is left out.
    """

    type: NOUN
    id: str
    subject: str
    time: str
    data: dict[str, Any]
    recordedtime: str | None = None
    when: dict[str, tuple[Scalar, ...]] = {}  # the field has one of these values
    present: tuple[str, ...] = ()  # these fields are not absent


class Entity(Struct, forbid_unknown_fields=True):
    """Rows that speak of one thing."""

    name: str
    events: tuple[Event, ...]
    group_by: tuple[str, ...] = ()  # none: every row is an entity of its own
    fields: dict[str, Field] = {}


class Mapping(Struct, forbid_unknown_fields=True):
    """A whole map file."""

    title: str
    input: Input
    source: str = ""
    tables: dict[str, dict[str, Scalar]] = {}
    columns: dict[str, Column] = {}
    entities: tuple[Entity, ...] = ()
    notes: str = ""

    @property
    def passes_through(self) -> bool:
        """Whether each line already is a CloudEvent."""
        return self.input.format == "cloudevents"


def decode_mapping(document: object) -> Mapping:
    """Return the map of a parsed YAML document; raises `msgspec.ValidationError` with a path."""
    return msgspec.convert(document, Mapping)
