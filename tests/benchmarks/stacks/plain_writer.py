"""What an engineer writes on a Friday: pydantic in, SQLAlchemy Core out, one transaction a batch.

A ledger that refuses what is known, a fact row for what is new, and sums per account and month.
"""

from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    create_engine,
    update,
)
from sqlalchemy.dialects.postgresql import insert

BATCH = 500
META = MetaData()
LEDGER = Table(
    "ledger",
    META,
    Column("source", String, primary_key=True),
    Column("id", String, primary_key=True),
)
FACT = Table(
    "fact", META,
    Column("seq", BigInteger, primary_key=True),
    Column("source", String, nullable=False), Column("id", String, nullable=False),
    Column("account", String, nullable=False), Column("time", DateTime(timezone=True)),
    Column("booking_ref", String), Column("phase", String), Column("mode", String),
    Column("service", String), Column("origin", String), Column("destination", String),
    Column("incoterm", String), Column("teu", Float), Column("weight_kg", Float),
    Column("volume_cbm", Float), Column("revenue", Numeric),
)  # fmt: skip
MONTH = Table(
    "account_month", META,
    Column("account", String, primary_key=True), Column("month", Integer, primary_key=True),
    Column("bookings", BigInteger, nullable=False), Column("teu", Float, nullable=False),
    Column("revenue", Numeric, nullable=False),
)  # fmt: skip
DONE = Table("done", META, Column("records", BigInteger, nullable=False))


class Money(BaseModel):
    amount: Decimal = Field(ge=0, lt=10**12)
    currency: str = Field(pattern="^[A-Z]{3}$")


class Booking(BaseModel):
    booking_ref: str = Field(min_length=1, max_length=256)
    phase: Literal[
        "requested", "confirmed", "amended", "rolled", "declined", "rejected", "cancelled",
        "completed",
    ]  # fmt: skip
    mode: str | None = None
    service: str | None = None
    origin: str | None = None
    destination: str | None = None
    incoterm: str | None = None
    teu: float | None = Field(None, ge=0, lt=1e12)
    weight_kg: float | None = Field(None, ge=0, lt=1e12)
    volume_cbm: float | None = Field(None, ge=0, lt=1e12)
    revenue: Money | None = None


class Event(BaseModel):
    id: str = Field(min_length=1, max_length=256)
    source: str = Field(min_length=1, max_length=256)
    subject: str = Field(min_length=1, max_length=256)
    time: AwareDatetime
    data: Booking


class PlainWriter:
    """Writes batches of validated events."""

    def __init__(self, url):
        self._engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        with self._engine.begin() as connection:
            connection.execute(insert(DONE).values(records=0))

    def write(self, batch):
        """Apply events in one transaction; what the ledger knows changes nothing."""
        events = {(event.source, event.id): event for event in batch}
        with self._engine.begin() as connection:
            known = insert(LEDGER).on_conflict_do_nothing().returning(LEDGER.c.source, LEDGER.c.id)
            given = [{"source": source, "id": id_} for source, id_ in events]
            new = [events[tuple(row)] for row in connection.execute(known, given)]
            if new:
                connection.execute(insert(FACT), [_fact(event) for event in new])
                connection.execute(ADD_MONTH, _months(new))
            connection.execute(update(DONE).values(records=DONE.c.records + len(batch)))


def _fact(event):
    data = event.data
    return {
        "source": event.source, "id": event.id, "account": event.subject, "time": event.time,
        "booking_ref": data.booking_ref, "phase": data.phase, "mode": data.mode,
        "service": data.service, "origin": data.origin, "destination": data.destination,
        "incoterm": data.incoterm, "teu": data.teu, "weight_kg": data.weight_kg,
        "volume_cbm": data.volume_cbm, "revenue": data.revenue and data.revenue.amount,
    }  # fmt: skip


def _months(events):
    sums = {}
    for event in sorted(events, key=lambda event: event.subject):
        row = sums.setdefault((event.subject, _month(event.time)), [0, 0.0, Decimal(0)])
        row[0] += 1
        row[1] += event.data.teu or 0.0
        row[2] += event.data.revenue.amount if event.data.revenue else 0
    return [
        {"account": account, "month": month, "bookings": n, "teu": teu, "revenue": revenue}
        for (account, month), (n, teu, revenue) in sums.items()
    ]


def _adding():
    """Return the upsert of one month; asked once, so that it is compiled once."""
    statement = insert(MONTH)
    return statement.on_conflict_do_update(
        index_elements=[MONTH.c.account, MONTH.c.month],
        set_={
            name: MONTH.c[name] + statement.excluded[name]
            for name in ("bookings", "teu", "revenue")
        },
    )


def _month(time: datetime):
    return time.year * 100 + time.month


ADD_MONTH = _adding()
