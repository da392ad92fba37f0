"""Let warehouse work change the sums, as bookings do.

What the stored events change is folded by `services.ingest.refold`, which `leadline migrate` runs
after this; the setting `refold` tells that it is to be done.
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
MIN_CODE_REVISION = "0012"

_WAREHOUSE = 3


def upgrade() -> None:
    op.execute(
        "INSERT INTO setting (name, value) SELECT 'refold', 'true'"
        f" WHERE EXISTS (SELECT 1 FROM event WHERE type_id = {_WAREHOUSE})"
        " AND NOT EXISTS (SELECT 1 FROM setting WHERE name = 'refold')"
    )


def downgrade() -> None:
    op.execute(f"UPDATE event SET changes = NULL WHERE type_id = {_WAREHOUSE}")
