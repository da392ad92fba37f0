"""Let an index lead to the alerts that are not over: all that ever were had to be looked at."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
MIN_CODE_REVISION = "0004"


def upgrade() -> None:
    ongoing = sa.text("resolved_at IS NULL")
    op.create_index(
        "ix_alert_ongoing", "alert", ["alert_id"], postgresql_where=ongoing, sqlite_where=ongoing
    )


def downgrade() -> None:
    """Lists are slower again; nothing else."""
    op.drop_index("ix_alert_ongoing", "alert")
