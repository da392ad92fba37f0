"""Give a dead letter up for good: when, by whom and why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
MIN_CODE_REVISION = "0004"

_COLUMNS = ("discarded_at", "discarded_by", "discarded_reason")


def upgrade() -> None:
    for name in _COLUMNS:
        kind = sa.BigInteger() if name == "discarded_at" else sa.String()
        op.add_column("dead_letter", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    """The letters stay; that some were given up is forgotten, and these wait again."""
    with op.batch_alter_table("dead_letter") as table:
        for name in _COLUMNS:
            table.drop_column(name)
