"""Alembic's entry: runs revisions on the connection that `shared.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

import shared.store.tables  # noqa: F401  (registers every table on the metadata)
from shared.store.base import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    transactional_ddl=True,
)
context.run_migrations()
