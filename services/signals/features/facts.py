"""What is known of a set of accounts, as arrays: the input of every pure stage.

Days are days since 1970 in UTC; times are microseconds since 1970. A fact counts as of day D
when it lies strictly before 00:00 UTC of D: booking rows with both days before D, evidence
with a time before D.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from shared.domain.changes import SUMS

__all__ = ["DAY_MICROS", "SUMS", "EventRef", "EvidenceFact", "Facts", "Feed", "IntArray", "Series"]

DAY_MICROS = 86_400_000_000

IntArray = npt.NDArray[np.int64]
SERVICE = ("rolled", "rejected", "late", "cancelled")
"""Sums of the service record; the other ones measure business."""


class Series(NamedTuple):
    """What a booking row is counted under; missing parts are empty strings."""

    mode: str
    service: str
    origin: str
    destination: str
    source: str
    currency: str


class EventRef(NamedTuple):
    """The identity of an event: evidence that a person can look up."""

    source: str
    id: str


@dataclass(frozen=True, slots=True)
class EvidenceFact:
    """A complaint, contact or account-master event of one account."""

    account: int  # index into Facts.account_ids
    kind: str  # complaint, contact_change, account
    ref: str  # "<ref_system>/<ticket_ref>", contact_ref, or ""
    time: int  # microseconds
    event: EventRef
    data: Mapping[str, Any]  # the payload of CONTRACT 3


@dataclass(frozen=True, slots=True)
class Feed:
    """One event type from one source, installation-wide.

    `hours` are the hours since 1970 (ascending, unique) in which streamed events happened, by
    event time; empty for a source that only ever came by file import. `accounts_total` is counted
    no further than silence asks (`MIN_ACCOUNTS`).
    """

    source: str
    type: str  # noun: booking, complaint ...
    hours: IntArray
    accounts_total: int
    imported: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that scoring and alerting of these accounts may look at.

    Booking rows are sorted by (account, day, effect_day, series); `account` holds indices into
    `account_ids`; `sums[name]` has shape (rows,). Evidence is sorted by (account, time, event).
    `service_events` has, for each row that adds to a sum of `SERVICE`, an event that does
    (`EventRef`, else None); None where nobody asks for the events of the service record.
    `merged` are the accounts whose facts count for another, with the time of their merge; only
    their master data is still here. `joined` are the ids of those others, by whom they count for.
    """

    account_ids: tuple[str, ...]
    account: IntArray
    series_id: IntArray
    day: IntArray
    effect_day: IntArray
    sums: Mapping[str, IntArray]
    event_ids: npt.NDArray[np.object_]  # one event id per booking row, str
    series: Mapping[int, Series]
    evidence: tuple[EvidenceFact, ...]
    feeds: tuple[Feed, ...]
    service_events: npt.NDArray[np.object_] | None = None
    merged: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    joined: Mapping[int, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def events_of(self, rows: IntArray) -> tuple[EventRef, ...]:
        """Return the events of booking rows by name: the rows' order depends on what came first."""
        named = {
            EventRef(self.series[series].source, str(event))
            for series, event in zip(
                self.series_id[rows].tolist(), self.event_ids[rows], strict=True
            )
            if event
        }
        return tuple(sorted(named))
