"""Keep the lanes that fell for everybody, which a look at a few accounts cannot tell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
MIN_CODE_REVISION = "0004"


def upgrade() -> None:
    op.create_table(
        "lane_market",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fitted_at", sa.BigInteger(), nullable=False),
        sa.Column("lanes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_lane_market")),
    )


def downgrade() -> None:
    """It is made again from the facts."""
    op.drop_table("lane_market")
