"""Offsets, dead letters, source health and imports. Written by ingest."""

from __future__ import annotations

from sqlalchemy import BigInteger, ColumnElement, LargeBinary, SmallInteger, and_
from sqlalchemy.orm import Mapped, mapped_column

from shared.store.base import Base, big, big_count, instant, json, serial


class ConsumerOffsetRow(Base):
    """The next offset of a partition, moved in its batch's transaction. Written by ingest."""

    __tablename__ = "consumer_offset"

    cluster_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    next_offset: Mapped[big]
    records_total: Mapped[big_count]
    max_event_time: Mapped[instant | None]  # of applied events; drives the watermark
    last_digest: Mapped[str | None]  # of record next_offset - 1: notices a re-created topic
    updated_at: Mapped[instant]


class PartitionLagRow(Base):
    """The log's end as last measured. Written by ingest."""

    __tablename__ = "partition_lag"

    cluster_id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    partition: Mapped[int] = mapped_column(primary_key=True)
    end_offset: Mapped[big]
    lag_seconds: Mapped[float]  # now less the broker's time of the oldest unread record, 0 if none
    measured_at: Mapped[instant]


class DeadLetterRow(Base):
    """A record that could not be accepted, kept whole. Written by ingest.

    `origin` is `kafka:<cluster>:<topic>:<partition>:<offset>` or `http:<digest>`,
    `import:<digest>`: unique, so the same reject is kept once.
    """

    __tablename__ = "dead_letter"

    id: Mapped[serial]
    origin: Mapped[str] = mapped_column(unique=True)
    topic: Mapped[str | None] = mapped_column(index=True)
    partition: Mapped[int | None]
    offset: Mapped[int | None] = mapped_column(BigInteger)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    headers: Mapped[json]  # [[name, base64 of value], ...]
    reason: Mapped[str] = mapped_column(index=True)
    detail: Mapped[str]
    first_seen_at: Mapped[instant]
    tries: Mapped[int] = mapped_column(default=1)
    last_tried_at: Mapped[instant]
    replayed_at: Mapped[instant | None]  # accepted at last; pending while null
    recorded_at: Mapped[instant | None]  # the Kafka record's timestamp
    discarded_at: Mapped[instant | None]  # given up for good; it stays here
    discarded_by: Mapped[str | None]
    discarded_reason: Mapped[str | None]

    @classmethod
    def waits(cls) -> ColumnElement[bool]:
        """Return as SQL whether a letter waits: neither accepted at last nor given up."""
        return and_(cls.replayed_at.is_(None), cls.discarded_at.is_(None))


class BreakerRow(Base):
    """A topic's breaker: the last outcomes, and whether it is open. Written by ingest."""

    __tablename__ = "breaker"

    topic: Mapped[str] = mapped_column(primary_key=True)
    opened_at: Mapped[instant | None]  # closed while null
    reason: Mapped[str | None]


class IngestOutboxRow(Base):
    """A dead letter on its way to `<topic>.dlq`; deleted once acknowledged. Written by ingest."""

    __tablename__ = "ingest_outbox"

    id: Mapped[serial]
    dead_letter_id: Mapped[big]
    topic: Mapped[str]
    created_at: Mapped[instant]


class FeedRow(Base):
    """One event type from one source. Written by ingest."""

    __tablename__ = "feed"

    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    streamed_total: Mapped[big_count]  # by Kafka or HTTP
    imported_total: Mapped[big_count]  # history from files: received, but no feed
    first_event_at: Mapped[instant]
    last_event_at: Mapped[instant]  # event time
    last_arrived_at: Mapped[instant | None]  # wall clock of the last streamed event


class FeedHourRow(Base):
    """Streamed events per feed and hour since 1970 of event time. Written by ingest."""

    __tablename__ = "feed_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    hour: Mapped[int] = mapped_column(primary_key=True)
    events: Mapped[big_count]


class FeedAccountRow(Base):
    """Which accounts a feed ever spoke of. Written by ingest."""

    __tablename__ = "feed_account"
    __table_args__ = ({"sqlite_with_rowid": False},)

    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    type_id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)


class ImportProgressRow(Base):
    """How far a file has been imported, by its digest and mapping. Written by ingest."""

    __tablename__ = "import_progress"

    file_digest: Mapped[str] = mapped_column(primary_key=True)
    mapping: Mapped[str] = mapped_column(primary_key=True)
    events_done: Mapped[big_count]
    finished_at: Mapped[instant | None]
    updated_at: Mapped[instant]
