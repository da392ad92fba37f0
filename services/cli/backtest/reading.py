"""Event files as rows: what is unusual is counted and said, what is unreadable is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from math import isfinite
from pathlib import Path

from services.cli.common import CommandError
from services.ingest.adapters.rows import BadRow, Row, SourceFile
from services.ingest.adapters.schema import Input

NEEDED = ("account_id", "event_time", "event_type")
BOOKING, COMPLAINT, LATE = "booking", "complaint", "late_delivery"
KNOWN_TYPES = (BOOKING, COMPLAINT, LATE)
EPOCH = date(1970, 1, 1)
DAY_SECONDS = 86_400
_START = datetime(1970, 1, 1, tzinfo=UTC)
HIGHEST_AMOUNT = 1e12
_NO_DAY = -1

SAID = {
    "bad row": "are no proper rows (cells too many, too few or unreadable): left out",
    "no account": "name no account: left out",
    "bad time": "have no readable time: left out",
    "before 1970": "lie before 1970: left out",
    "future": "lie in the future: left out",
    "unknown type": f"are of an unknown type (not {', '.join(KNOWN_TYPES)}): left out",
    "complaint": "are complaints: evidence beside the bookings",
    "late_delivery": "are late deliveries: evidence beside the bookings",
    "bad amount": "have an amount that is no finite number below 1e12: counted without amount",
    "negative": "have a negative amount: counted as bookings without amount",
    "duplicate": "repeat another row exactly: a day counts once, the amount as often as written",
    "unsorted": "are older than the row before: the order of rows changes nothing",
}
"""What was unusual -> how it was taken."""


@dataclass
class EventRows:
    """The events of a file, one entry per row, and what was unusual."""

    accounts: list[str] = field(default_factory=list)
    times: list[int] = field(default_factory=list)  # seconds since 1970, UTC
    kinds: list[str] = field(default_factory=list)
    amounts: list[float] = field(default_factory=list)
    unusual: Counter[str] = field(default_factory=Counter)
    rows: int = 0

    def notes(self) -> list[str]:
        """Return a sentence for everything unusual."""
        return [f"{self.unusual[kind]} rows {said}" for kind, said in SAID.items()
                if self.unusual[kind]]  # fmt: skip


def read_events(
    path: Path, today: date, advance: Callable[[float], None] = lambda _fraction: None
) -> EventRows:
    """Return the events of a CSV file, plain or gzipped."""
    found = EventRows()
    end, seen = ((today - EPOCH).days + 1) * DAY_SECONDS, set[int]()
    previous = _NO_DAY
    with SourceFile(path) as file:
        for row in _rows(file):
            found.rows += 1
            if found.rows % 10_000 == 0:
                advance(file.fraction)
            if isinstance(row, BadRow):
                found.unusual["bad row"] += 1
                continue
            cells = row.cells
            if found.rows == 1:
                _check_columns(path, cells)
            event = _event(found.unusual, cells, end)
            if event is None:
                continue
            account, kind, time, amount = event
            found.unusual["unsorted"] += time // DAY_SECONDS < previous
            identity = hash((account, kind, cells["event_time"], cells.get("amount")))
            found.unusual["duplicate"] += identity in seen
            seen.add(identity)
            previous = time // DAY_SECONDS
            found.accounts.append(account)
            found.kinds.append(kind)
            found.times.append(time)
            found.amounts.append(amount)
    if not found.rows:
        raise CommandError(f"{path}: no rows; expected {','.join(NEEDED)},amount and one per event")
    if BOOKING not in found.kinds:
        raise CommandError(f"{path}: no usable booking among {found.rows} rows: {_reasons(found)}")
    return found


def _rows(file: SourceFile) -> Iterator[Row | BadRow]:
    return file.rows(Input(format="csv", encodings=("utf-8", "latin-1")))


def _check_columns(path: Path, cells: dict[str, str]) -> None:
    missing = [name for name in NEEDED if name not in cells]
    if not missing:
        return
    found = ", ".join(list(cells)[:8])
    raise CommandError(
        f"{path}: no column {', '.join(missing)}; found {found[:120]!r}; "
        "expected account_id,event_time,event_type,amount, or name a map with --map"
    )


def _event(
    unusual: Counter[str], cells: dict[str, str], end: int
) -> tuple[str, str, int, float] | None:
    """Return account, kind, time and amount of an event; None for what is left out."""
    account, kind = cells["account_id"].strip(), cells["event_type"].strip().lower()
    time = _seconds(cells["event_time"].strip())
    if not account:
        unusual["no account"] += 1
    elif kind not in KNOWN_TYPES:
        unusual["unknown type"] += 1
    elif time is None:
        unusual["bad time"] += 1
    elif time < 0:
        unusual["before 1970"] += 1
    elif time >= end:
        unusual["future"] += 1
    elif kind == BOOKING:
        return account, kind, time, _amount(unusual, cells.get("amount", "").strip())
    else:
        unusual[kind] += 1
        return account, kind, time, 0.0
    return None


@lru_cache(maxsize=100_000)
def _seconds(text: str) -> int | None:
    """Return the seconds since 1970 of a time; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return int((moment - _START).total_seconds())
    except (ValueError, OverflowError):
        return None


def _amount(unusual: Counter[str], text: str) -> float:
    if not text:
        return 0.0
    try:
        amount = float(text)
    except ValueError:
        amount = float("nan")
    if not isfinite(amount) or amount >= HIGHEST_AMOUNT:
        unusual["bad amount"] += 1
        return 0.0
    if amount < 0:
        unusual["negative"] += 1
        return 0.0
    return amount


def _reasons(found: EventRows) -> str:
    return "; ".join(found.notes()) or "there is none"
