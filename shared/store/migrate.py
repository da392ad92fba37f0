"""Bring a database's schema to a revision, and refuse one that does not fit.

Revisions are numbered, so that they compare as text. Each names the oldest code that can still
work with it (`MIN_CODE_REVISION`): that is what lets old and new processes run side by side
during a rollout. Each but the first can be taken back, once no process of newer code runs.
Alembic is imported where it migrates: services only check, and would pay for it at every start.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from shared.runtime.expected import ExpectedError
from shared.store.session import Database

ADVISORY_LOCK = 4_207_001
UNFINISHED = "refold"
"""A setting that a revision leaves while rows are still to be worked out again."""
MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaError(ExpectedError):
    """The schema does not fit this code; the message says what to do."""


def head_revision() -> str:
    """Return the newest revision that this code knows, by the names of the migrations' files."""
    files = (MIGRATIONS / "versions").glob("r[0-9]*.py")
    head = max((path.stem[1:].partition("_")[0] for path in files), default=None)
    if head is None:
        raise SchemaError("the installation is incomplete: it has no migrations; install it again")
    return head


def current_revision(connection: Connection) -> str | None:
    """Return the database's revision, or None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if revision is None else str(revision)


def migrate(database: Database, to: str = "head") -> tuple[str | None, str | None]:
    """Run the missing revisions, or take back those after `to`; return the one before and after.

    One process at a time: an advisory lock on PostgreSQL, the write lock on SQLite.
    """
    from alembic import command  # noqa: PLC0415 (see above)
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    with database.write() as connection:
        if not database.sqlite:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
            connection.execute(text("SET LOCAL statement_timeout = '10min'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
        before = current_revision(connection)
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        try:
            if before is not None and to < before:
                command.downgrade(config, to)
            else:
                command.upgrade(config, to)
        except CommandError as error:
            raise SchemaError(f"cannot migrate to {to}: {error}") from error
        after = current_revision(connection)
        if after is not None:
            _remember_min_code_revision(connection, after)
    return before, after


def check_schema(database: Database) -> None:
    """Raise `SchemaError` unless this code and the database's schema fit each other."""
    head = head_revision()
    with database.read() as connection:
        current = current_revision(connection)
        if current is None:
            raise SchemaError("the database has no Leadline schema; run `leadline migrate`")
        if current < head:
            raise SchemaError(f"schema {current} is older than {head}; run `leadline migrate`")
        rows = connection.execute(text("SELECT name, value FROM setting"))
        settings: dict[str, object] = {row.name: row.value for row in rows}
    oldest = settings.get("min_code_revision")
    if UNFINISHED in settings:
        raise SchemaError("the last migration was interrupted; run `leadline migrate` again")
    if current > head and str(oldest or "").strip('"') > head:
        raise SchemaError(f"schema {current} needs code of {oldest} or newer; upgrade Leadline")


def _remember_min_code_revision(connection: Connection, revision: str) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (see above)

    script = ScriptDirectory(str(MIGRATIONS)).get_revision(revision)
    oldest = getattr(script.module, "MIN_CODE_REVISION", revision)
    connection.execute(text("DELETE FROM setting WHERE name = 'min_code_revision'"))
    connection.execute(
        text("INSERT INTO setting (name, value) VALUES ('min_code_revision', :value)"),
        {"value": f'"{oldest}"'},
    )
