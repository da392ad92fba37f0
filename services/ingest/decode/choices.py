"""The words that a field takes, for whoever sent another one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from services.ingest.decode.faults import Fault
from shared.contracts.inbound import PAYLOADS
from shared.domain.event_types import EventType

MOST = 20
"""Words that are worth listing; the codes of all currencies are not."""
_UNKNOWN_WORD = "Invalid enum value"
_STEP = re.compile(r"[^.\[\]]+")


def with_choices(fault: Fault, kind: EventType) -> Fault:
    """Return the fault; one of a word that is none of a field's names those that are."""
    if not fault.what.startswith(_UNKNOWN_WORD):
        return fault
    words = choices_at(kind, tuple(_STEP.findall(fault.path))[1:])
    if not 0 < len(words) <= MOST:
        return fault
    return Fault(fault.reason, fault.path, f"{fault.what}; allowed: {', '.join(words)}")


@lru_cache(maxsize=256)
def choices_at(kind: EventType, path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of the field at `path` within the payload; empty where it takes any."""
    found = [msgspec.inspect.type_info(PAYLOADS[kind])]
    for name in path:
        found = [inner for one in found for inner in _inside(one, name)]
    words = [each for one in found for each in _alternatives(one)]
    return tuple(
        str(value)
        for one in words
        if isinstance(one, msgspec.inspect.LiteralType)
        for value in one.values
    )


def _inside(info: Any, name: str) -> list[Any]:
    found: list[Any] = []
    for one in _alternatives(info):
        if isinstance(one, msgspec.inspect.StructType):
            found += [field.type for field in one.fields if field.encode_name == name]
        elif isinstance(one, msgspec.inspect.ListType):
            found.append(one.item_type)
        elif isinstance(one, msgspec.inspect.DictType):
            found.append(one.value_type)
    return found


def _alternatives(info: Any) -> list[Any]:
    """Return the types that a union or an annotation stands for."""
    if isinstance(info, msgspec.inspect.Metadata):
        return _alternatives(info.type)
    if isinstance(info, msgspec.inspect.UnionType):
        return [each for one in info.types for each in _alternatives(one)]
    return [info]
