"""Keep account ids in the order of their bytes, in which accounts are listed.

On PostgreSQL this makes their unique index anew, no row. Every other database locale had to sort
all accounts for each page of the list.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
MIN_CODE_REVISION = "0004"


def upgrade() -> None:
    _collate("C")


def downgrade() -> None:
    """The order of the database's locale again; nothing depends on it but speed."""
    _collate("default")


def _collate(collation: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("account", "account_id", type_=sa.String(collation=collation))
