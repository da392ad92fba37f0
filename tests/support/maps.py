"""Maps and files written by a test, and what comes out of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from services.ingest.adapters import MappedEvent, MappedFile, RowReject, load_mapping


def base_map(**columns: Any) -> dict[str, Any]:
    """A map of one booking per row; `columns` are added and sent as the data's extras."""
    return {
        "title": "a test",
        "source": "/test",
        "input": {"format": "csv"},
        "columns": {
            "ref": {"from": "ref", "required": True},
            "at": {"from": "at", "as": "date", "required": True},
            **columns,
        },
        "entities": [
            {
                "name": "row",
                "events": [
                    {
                        "type": "booking",
                        "id": "{ref}/booking",
                        "subject": "ACC",
                        "time": "{at}",
                        "data": {
                            "booking_ref": "{ref}",
                            "phase": "completed",
                            **{name: "{" + name + "}" for name in columns},
                        },
                    }
                ],
            }
        ],
    }


class Mapped:
    """The events and rejects of one file."""

    def __init__(self, items: list[MappedEvent | RowReject]) -> None:
        self.items = items
        self.events = [json.loads(i.value) for i in items if isinstance(i, MappedEvent)]
        self.rejects = [i for i in items if isinstance(i, RowReject)]
        self.data = [event["data"] for event in self.events]


def write_map(folder: Path, document: dict[str, Any]) -> Path:
    path = folder / "map.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def mapped(folder: Path, document: dict[str, Any], content: bytes | str) -> Mapped:
    file = folder / "input"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return Mapped(list(MappedFile(file, load_mapping(write_map(folder, document)))))
