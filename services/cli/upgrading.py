"""A database brought up to date: its schema, then what a new schema asks to be worked out again."""

from __future__ import annotations

from services.ingest.refold import refold
from shared.store.migrate import head_revision, migrate
from shared.store.session import Database


def bring_up_to_date(database: Database, to: str = "head") -> tuple[str | None, str | None]:
    """Run the missing revisions and the work they leave; return the revision before and after."""
    before, after = migrate(database, to)
    if after == head_revision():
        refold(database)
    return before, after
