"""Keep what an event changed beside the event; the table of sums per day goes.

The changes themselves are folded again by `services.ingest.refold`, which `leadline migrate`
runs after this; the setting `refold` tells that it is to be done.
"""

from __future__ import annotations

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
