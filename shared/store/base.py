"""Declarative base, constraint names and the column types of every table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, Dialect, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; exact, unlike `timestamp()`."""
    if moment.tzinfo is None:
        msg = f"naive datetime {moment}: which time zone?"
        raise ValueError(msg)
    return (moment - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """Aware UTC datetime of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """A moment, stored as microseconds since 1970.

    One integer on both databases: no time zone is lost on SQLite, and the hot path
    copies it without conversion. A naive datetime is refused.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> int | None:
        """Refuse what is not an instant."""
        return None if value is None else to_micros(value)

    def process_result_value(
        self,
        value: Any | None,
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Restore the aware datetime."""
        return None if value is None else from_micros(value)


class Base(DeclarativeBase):
    """All tables; names of constraints are fixed so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


# SQLite gives `INTEGER PRIMARY KEY` the rowid, and only that exact type.
BigKey = BigInteger().with_variant(Integer(), "sqlite")

serial = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]
big = Annotated[int, mapped_column(BigInteger)]
big_count = Annotated[int, mapped_column(BigInteger, default=0, server_default="0")]
instant = Annotated[datetime, mapped_column(Instant)]
# Text ordered by its bytes on both databases, whatever the database's locale.
bytewise = Annotated[str, mapped_column(String(collation="C").with_variant(String(), "sqlite"))]
json = Annotated[Any, mapped_column(JSON)]
