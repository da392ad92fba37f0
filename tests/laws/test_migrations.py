"""The schema after all migrations is the schema of the tables, on both databases."""

from itertools import pairwise

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

import shared.store.tables  # noqa: F401  (registers the tables)
from shared.store.base import Base
from shared.store.migrate import (
    MIGRATIONS,
    SchemaError,
    check_schema,
    head_revision,
    migrate,
)
from shared.store.session import Database


def test_the_migrations_make_exactly_the_declared_tables(database):
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)

    assert [d for d in differences if "alembic_version" not in str(d)] == []


def test_the_newest_file_of_the_migrations_is_their_head():
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == head_revision()


def test_migrating_twice_changes_nothing(database):
    assert migrate(database) == (head_revision(), head_revision())


def test_each_revision_but_the_first_can_be_taken_back_and_made_again(database):
    revisions = sorted(
        script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    )
    for earlier, later in reversed(list(pairwise(revisions))):
        assert migrate(database, earlier) == (later, earlier)
    assert migrate(database) == (revisions[0], head_revision())

    check_schema(database)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert [d for d in differences if "alembic_version" not in str(d)] == []


def test_an_empty_database_is_refused_with_the_command_that_helps(tmp_path):
    empty = Database(f"sqlite:///{tmp_path}/empty.db")

    with pytest.raises(SchemaError, match="leadline migrate"):
        check_schema(empty)
    empty.close()


def test_a_newer_schema_is_accepted_until_it_says_that_it_needs_newer_code(database):
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    check_schema(database)

    with database.write() as connection:
        connection.execute(
            text("UPDATE setting SET value = '\"9999\"' WHERE name = 'min_code_revision'")
        )
    with pytest.raises(SchemaError, match="9999"):
        check_schema(database)


def test_an_unknown_revision_is_refused_with_its_name(database):
    with pytest.raises(SchemaError, match="nowhere"):
        migrate(database, to="nowhere")
