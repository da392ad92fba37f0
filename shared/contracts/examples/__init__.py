"""Golden examples: events that every consumer must accept or reject.

One folder per event type and version: `good-<name>.json`, and `bad-<name>.<reason>.json` for an
event that is refused with that reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent


class Example(NamedTuple):
    """One golden example; `reason` is None where the event is good."""

    type: str
    name: str
    reason: str | None
    body: bytes


def examples() -> list[Example]:
    """Return every example, ordered by type and name."""
    return [_read(path) for path in sorted(FOLDER.glob("*/*.json"))]


def good_examples(event_type: str) -> dict[str, Any]:
    """Return the good examples of a type by name, parsed."""
    return {
        e.name: json.loads(e.body) for e in examples() if e.type == event_type and e.reason is None
    }


def _read(path: Path) -> Example:
    quality, _, rest = path.stem.partition("-")
    name, _, reason = rest.partition(".")
    if (quality == "bad") != bool(reason):
        raise ValueError(f"{path.name} is neither good-<name>.json nor bad-<name>.<reason>.json")
    return Example(path.parent.name, name, reason or None, path.read_bytes())
