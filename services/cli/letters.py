"""Dead letters as the commands show them: whole, in order of arrival."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from shared.contracts.file_rows import file_of
from shared.contracts.letter_ids import ids_of
from shared.store.letters import next_letters
from shared.store.session import Database
from shared.store.tables import DeadLetterRow

CHUNK = 1_000


def dead_letters(database: Database, only: int | None = None) -> Iterator[dict[str, Any]]:
    """Yield dead letters in order of arrival, whole; `value` and `key` as base64."""
    last, more = 0, True
    while more:
        wanted = [DeadLetterRow.id > last if only is None else DeadLetterRow.id == only]
        with database.read() as connection:
            found, more = next_letters(connection, wanted, CHUNK)
        for row in (one._mapping for one in found):  # noqa: SLF001  # its public name
            last = row["id"]
            packed = {
                name: None if row[name] is None else base64.b64encode(row[name]).decode()
                for name in ("key", "value")
            }
            times = ("first_seen_at", "last_tried_at", "replayed_at", "recorded_at", "discarded_at")
            said = {n: None if row[n] is None else row[n].isoformat() for n in times}
            rest = {k: v for k, v in row.items() if k not in {"id", *packed, *said}}
            known = {"dead_letter_id": row["id"], "file": file_of(row["headers"])}
            yield known | ids_of(row["value"], row["headers"])._asdict() | rest | packed | said
