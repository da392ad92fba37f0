"""Create every table of the first release."""

from __future__ import annotations

from alembic import op

import shared.store.tables  # noqa: F401
from shared.store.base import Base

revision = "0001"
down_revision = None
MIN_CODE_REVISION = "0001"


def upgrade() -> None:
    Base.metadata.create_all(op.get_bind())
