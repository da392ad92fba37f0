"""Keep how an alert had ended before it was taken up again, which its history tells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
MIN_CODE_REVISION = "0004"


def upgrade() -> None:
    kept = sa.Column("past_ends", sa.JSON(), server_default="[]", nullable=False)
    op.add_column("alert", kept)


def downgrade() -> None:
    """The alerts stay; of those taken up again the history is shorter."""
    op.drop_column("alert", "past_ends")
