"""Keep what an event changed beside the event; the table of sums per day goes.

The changes themselves are folded again by `services.ingest.refold`, which `leadline migrate`
runs after this; the setting `refold` tells that it is to be done.
"""

from __future__ import annotations

import struct
from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
MIN_CODE_REVISION = "0003"

_NUMBER = """
UPDATE event SET nth = numbered.place FROM (
  SELECT seq, row_number() OVER (PARTITION BY account_id, entity ORDER BY seq) - 1 AS place
  FROM event
) AS numbered WHERE numbered.seq = event.seq
"""

_SUMS = (
    "demand", "business", "rejected", "cancelled", "rolled", "delivered", "late",
    "teu", "volume", "weight", "trips", "revenue", "margin",
)  # fmt: skip
_CHANGE = struct.Struct("<ii7hxx6q")
_DAY = 86_400_000_000
_READ, _WRITE = 10_000, 1_000  # rows at a time


def upgrade() -> None:
    op.add_column("event", sa.Column("nth", sa.Integer(), nullable=True))
    op.add_column("event", sa.Column("changes", sa.LargeBinary(), nullable=True))
    op.execute(_NUMBER)
    op.execute(
        "INSERT INTO setting (name, value) SELECT 'refold', 'true'"
        " WHERE EXISTS (SELECT 1 FROM booking_day)"
    )
    with op.batch_alter_table("event") as table:
        table.alter_column("nth", existing_type=sa.Integer(), nullable=False)
    op.drop_index("ix_event_account_entity", "event")
    op.create_index(
        "ix_event_account_entity", "event", ["account_id", "entity", "nth"], unique=True
    )
    op.drop_table("booking_day")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE account_facts SET (fillfactor = 50)")
        op.execute('ALTER TABLE event ALTER COLUMN event_id TYPE varchar COLLATE "C"')


def downgrade() -> None:
    """Add the sums per day up again; an event's changes count from the event's own day on."""
    op.create_table(
        "booking_day",
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("account_id", "series_id")),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("day", "effect_day")),
        *(sa.Column(n, sa.BigInteger(), server_default="0", nullable=False) for n in _SUMS),
        sa.Column(
            "event_id", sa.String(collation="C").with_variant(sa.String(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "series_id", "day", "effect_day", name=op.f("pk_booking_day")
        ),
        postgresql_with={"fillfactor": 60},
        sqlite_with_rowid=False,
    )
    _add_up(op.get_bind())
    op.drop_index("ix_event_account_entity", "event")
    with op.batch_alter_table("event") as table:
        table.drop_column("nth")
        table.drop_column("changes")
    op.create_index("ix_event_account_entity", "event", ["account_id", "entity"])
    op.execute("DELETE FROM setting WHERE name = 'refold'")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE account_facts RESET (fillfactor)")
        op.execute('ALTER TABLE event ALTER COLUMN event_id TYPE varchar COLLATE "default"')


def _add_up(connection: sa.Connection) -> None:
    """Fill the sums; holds one entry per row of them in memory."""
    sums: dict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(_SUMS))
    evidence: dict[tuple[int, ...], str] = {}
    events = connection.execute(
        sa.text("SELECT account_id, event_id, time, changes FROM event WHERE changes IS NOT NULL"),
        execution_options={"yield_per": _READ},
    )
    for account, event_id, time, blob in events:
        for series, day, *changed in _CHANGE.iter_unpack(blob):
            key = (account, series, day, time // _DAY)
            sums[key] = [a + b for a, b in zip(sums[key], changed, strict=True)]
            if changed[0]:
                evidence[key] = min(evidence.get(key, event_id), event_id)
    names = ("account_id", "series_id", "day", "effect_day", *_SUMS, "event_id")
    rows = [
        dict(zip(names, (*key, *row, evidence.get(key, "")), strict=True))
        for key, row in sums.items()
    ]
    table = sa.table("booking_day", *map(sa.column, names))
    for start in range(0, len(rows), _WRITE):
        connection.execute(sa.insert(table), rows[start : start + _WRITE])
