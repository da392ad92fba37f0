"""Keep with each fit of the population what it was made from; fits that lived on go.

They are made again from the facts, the same for every installation with the same history.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
MIN_CODE_REVISION = "0004"


def upgrade() -> None:
    op.execute("DELETE FROM population_fit")
    with op.batch_alter_table("population_fit") as table:
        table.add_column(sa.Column("basis", sa.LargeBinary(), nullable=False))
    with op.batch_alter_table("signals_progress") as table:
        table.drop_column("model")


def downgrade() -> None:
    """Fits go; the next evaluations make them again, each from the one before."""
    op.execute("DELETE FROM population_fit")
    with op.batch_alter_table("population_fit") as table:
        table.drop_column("basis")
    with op.batch_alter_table("signals_progress") as table:
        table.add_column(sa.Column("model", sa.JSON(), nullable=True))
