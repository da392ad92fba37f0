"""Find the accounts that were merged without reading all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
MIN_CODE_REVISION = "0004"

_MERGED = sa.text("merged_into IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        "ix_account_merged_into",
        "account",
        ["merged_into"],
        postgresql_where=_MERGED,
        sqlite_where=_MERGED,
    )


def downgrade() -> None:
    """The index goes; nothing depends on it but speed."""
    op.drop_index("ix_account_merged_into", "account")
