"""Keep of each booking who chose the forwarder, in two bytes of its change that were empty.

What the stored events say of it is folded by `services.ingest.refold`, which `leadline migrate`
runs after this. Older code reads past those bytes, so it may work on meanwhile.
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
MIN_CODE_REVISION = "0012"

_BOOKING = 2


def upgrade() -> None:
    op.execute(
        "INSERT INTO setting (name, value) SELECT 'refold', 'true'"
        f" WHERE EXISTS (SELECT 1 FROM event WHERE type_id = {_BOOKING})"
        " AND NOT EXISTS (SELECT 1 FROM setting WHERE name = 'refold')"
    )


def downgrade() -> None:
    """Older code does not look at those bytes."""
