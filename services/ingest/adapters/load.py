"""Find a map by name or path, read it, and refuse what cannot work, naming file and field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
import yaml

from services.ingest.adapters.schema import (
    NAME,
    NUMBERS,
    Column,
    Entity,
    Mapping,
    decode_mapping,
)
from shared.runtime.expected import ExpectedError

SHIPPED = Path(__file__).parent / "maps"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
ALWAYS = frozenset({"line"})
"""Fields that every row has."""


class MappingError(ExpectedError):
    """A map is missing or wrong; the message names file and field."""


def find_mapping(name_or_path: str, extra: Path | None = None) -> Path:
    """Return the file of a map: a path as it is, a name from the extra or the shipped folder."""
    direct = Path(name_or_path)
    if direct.suffix in {".yaml", ".yml"} or "/" in name_or_path:
        if direct.is_file():
            return direct
        raise MappingError(f"{name_or_path}: no such map file")
    folders = [folder for folder in (extra, SHIPPED) if folder is not None]
    for folder in folders:
        for suffix in (".yaml", ".yml"):
            if (path := folder / (name_or_path + suffix)).is_file():
                return path
    known = sorted({path.stem for folder in folders for path in folder.glob("*.y*ml")})
    raise MappingError(f"no map is named {name_or_path!r}; known are {', '.join(known)}")


def load_mapping(path: Path) -> Mapping:
    """Read and check one map file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        mapping = decode_mapping(document)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path}: {' '.join(str(error).split())}") from error
    except msgspec.ValidationError as error:
        raise MappingError(f"{path}: {error}") from error
    for field, fault in _faults(mapping):
        raise MappingError(f"{path}: {field}: {fault}")
    return mapping


def _faults(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Yield (field, fault) of everything that the types alone cannot refuse."""
    if mapping.passes_through:
        if mapping.columns or mapping.entities:
            yield "entities", "format cloudevents takes lines as they are"
        return
    if not mapping.source:
        yield "source", "is missing: it names the system in every event"
    if not mapping.entities:
        yield "entities", "is empty: nothing would come out"
    for name, column in mapping.columns.items():
        if not NAME.fullmatch(name):
            yield f"columns.{name}", "names are lower case letters, digits and _"
        if isinstance(column.lookup, str) and column.lookup not in mapping.tables:
            yield f"columns.{name}.lookup", f"no table is named {column.lookup!r}"
        try:
            ZoneInfo(column.zone)
        except (ZoneInfoNotFoundError, ValueError):
            yield f"columns.{name}.zone", f"no time zone is named {column.zone!r}"
    for entity in mapping.entities:
        yield from _entity_faults(entity, frozenset(mapping.columns) | ALWAYS)
        yield from _sum_faults(entity, mapping.columns)


def _sum_faults(entity: Entity, columns: dict[str, Column]) -> Iterator[tuple[str, str]]:
    for name, field in entity.fields.items():
        column = columns.get(field.sum or "")
        if column is not None and column.kind not in NUMBERS:
            where = f"entities.{entity.name}.fields.{name}.sum"
            yield where, f"{field.sum!r} is no number: it needs `as: number` or `as: integer`"


def _entity_faults(entity: Entity, columns: frozenset[str]) -> Iterator[tuple[str, str]]:
    where = f"entities.{entity.name}"
    for name in entity.group_by:
        if name not in columns:
            yield f"{where}.group_by", f"no column is named {name!r}"
    known = set(columns)
    for name, field in entity.fields.items():
        way, operand = field.ways()[0]
        allowed = known if way in {"hours_between", "ordinal", "stamp"} else columns
        for used in (operand,) if isinstance(operand, str) else operand:
            if used not in allowed:
                yield f"{where}.fields.{name}.{way}", f"nothing is named {used!r}"
        known.add(name)
    for number, event in enumerate(entity.events):
        texts = {
            "id": event.id,
            "subject": event.subject,
            "time": event.time,
            "recordedtime": event.recordedtime,
            "data": event.data,
            "when": ["{" + name + "}" for name in event.when],
            "present": ["{" + name + "}" for name in event.present],
        }
        for part, value in texts.items():
            for used in _placeholders(value):
                if used not in known:
                    yield f"{where}.events[{number}].{part}", f"nothing is named {used!r}"


def _placeholders(value: Any) -> Iterator[str]:
    """Yield the names in braces, anywhere inside."""
    if isinstance(value, str):
        yield from PLACEHOLDER.findall(value)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _placeholders(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _placeholders(item)
