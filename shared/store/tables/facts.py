"""Facts and their aggregates. Written by ingest.

The shape follows the hot path: one row per event with one unique index (the ledger),
integers for account, source, type and series, and changes that are exact integers, so that
any order of arrival gives the same bytes.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.store.base import Base, big, big_count, bytewise, instant, json, serial


class SourceRow(Base):
    """A system that sends events, by its CloudEvents `source`. Written by ingest."""

    __tablename__ = "source"

    id: Mapped[serial]
    uri: Mapped[str] = mapped_column(unique=True)


class AccountRow(Base):
    """An account and its master data as folded from its account events. Written by ingest.

    Known from the first event that names it: every column but `account_id` may be null.
    """

    __tablename__ = "account"
    __table_args__ = (
        # Few are merged, and every look of the worker asks for them.
        Index(
            "ix_account_merged_into",
            "merged_into",
            postgresql_where=text("merged_into IS NOT NULL"),
            sqlite_where=text("merged_into IS NOT NULL"),
        ),
    )

    id: Mapped[serial]
    account_id: Mapped[bytewise] = mapped_column(unique=True)  # the order of lists
    name: Mapped[str | None]
    kam_id: Mapped[str | None] = mapped_column(index=True)
    kam_name: Mapped[str | None]
    manager_id: Mapped[str | None]
    manager_name: Mapped[str | None]
    tier: Mapped[str | None]
    segment: Mapped[str | None]
    currency: Mapped[str | None]  # of the margin: its own, else the account's
    annual_margin: Mapped[str | None]  # decimal as text: money is never a float
    renewal_date: Mapped[str | None]
    time_zone: Mapped[str | None]
    language: Mapped[str | None]
    calendar: Mapped[str | None]
    parent: Mapped[str | None]
    kind: Mapped[str | None]
    status: Mapped[str | None]
    hold_reason: Mapped[str | None]
    merged_into: Mapped[str | None]
    team: Mapped[json | None]  # [{"role", "id", "name"}]
    sla: Mapped[json | None]
    external_ids: Mapped[json | None]


class SeriesRow(Base):
    """What a booking is counted under: lane, mode, service, source, currency. Written by ingest.

    Missing parts are empty strings, since nulls are distinct in a unique index.
    """

    __tablename__ = "series"
    __table_args__ = (
        UniqueConstraint(
            "source_id", "mode", "service", "origin", "destination", "currency",
            name="uq_series",
        ),
    )  # fmt: skip

    id: Mapped[serial]
    source_id: Mapped[big]
    mode: Mapped[str]
    service: Mapped[str]
    origin: Mapped[str]
    destination: Mapped[str]
    currency: Mapped[str]


class EventRow(Base):
    """One accepted event: ledger, raw fact and timeline in one. Written by ingest.

    `entity` is a 64-bit hash of what the event speaks of (booking, ticket, contact), so that
    all events of one booking are found through the account index; `nth` is how many of them
    were stored before, which lets only one writer add the next. `changes` is what the event
    changed in the sums of its booking (`shared.domain.changes`): sums as of T are those of the
    events before T.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_ledger", "source_id", "event_id", unique=True),
        Index("ix_event_account_entity", "account_id", "entity", "nth", unique=True),
    )

    seq: Mapped[serial]
    source_id: Mapped[big]
    event_id: Mapped[bytewise]  # in the ledger's index, where a locale's order costs five times
    type_id: Mapped[int] = mapped_column(SmallInteger)
    account_id: Mapped[big]
    entity: Mapped[big]
    nth: Mapped[int]
    time: Mapped[instant]
    recorded_at: Mapped[instant]
    arrived_at: Mapped[instant]
    partition: Mapped[int | None]
    offset: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[bytes] = mapped_column(LargeBinary)  # the payload's own bytes
    changes: Mapped[bytes | None] = mapped_column(LargeBinary)


class EvidenceRow(Base):
    """A complaint, contact or account-master event in small. Written by ingest.

    These are few; signals folds them as of any time without reading raw events.
    """

    __tablename__ = "evidence"
    __table_args__ = (Index("ix_evidence_account", "account_id", "kind", "time"),)

    seq: Mapped[serial]
    account_id: Mapped[big]
    kind: Mapped[str]  # complaint, contact_change, account
    ref: Mapped[str]  # ref_system and ticket_ref, contact_ref; empty for account
    time: Mapped[instant]
    recorded_at: Mapped[instant]
    source_id: Mapped[big]
    event_id: Mapped[str]
    data: Mapped[json]  # the payload, decoded


class AccountFactsRow(Base):
    """How much is known of an account; `revision` rises with each change. Written by ingest."""

    __tablename__ = "account_facts"
    # Room for the next version of a row beside it: a batch updates many, and no index.
    __table_args__ = ({"postgresql_with": {"fillfactor": 50}},)

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    revision: Mapped[big_count]
    events_total: Mapped[big_count]
    first_event_at: Mapped[instant]
    last_event_at: Mapped[instant]
    changed_at: Mapped[instant]  # wall clock of the commit's batch
