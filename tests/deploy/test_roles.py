"""Each service's database role may write what its package writes, and nothing else."""

import re
import subprocess

import psycopg
import pytest

from shared.store.base import Base
from tests.support.process import ROOT

pytestmark = pytest.mark.postgres

ROLES_SQL = ROOT / "deploy" / "postgres" / "roles.sql"
PASSWORDS = {"ingest": "pw-i", "signals": "pw-s", "api": "pw-a"}
BY_API_FOR_OTHERS = {"playbook_run", "run_task", "run_action", "signal_outbox"}


def apply_roles(url):
    settings = [f"--set={name}_password={value}" for name, value in PASSWORDS.items()]
    command = ["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", *settings]
    done = subprocess.run(
        [*command, f"--file={ROLES_SQL}", url], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def writers():
    """Return each table's writing package, as its class says."""
    found = {}
    for mapper in Base.registry.mappers:
        said = re.search(r"Written by (?:the )?(\w+)", mapper.class_.__doc__)
        found[mapper.local_table.name] = said.group(1)
    return found


def may(connection, role, table, right):
    query = "SELECT has_table_privilege(%s, %s, %s)"
    return connection.execute(query, (f"leadline_{role}", table, right)).fetchone()[0]


@pytest.fixture
def roles(postgres_url):
    apply_roles(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        yield connection


@pytest.mark.parametrize("right", ["INSERT", "UPDATE", "DELETE"])
def test_a_table_is_written_by_its_package_alone(roles, right):
    expected, granted = {}, {}
    for table, writer in writers().items():
        expected[table] = {writer} & set(PASSWORDS)
        if writer == "ingest" or table in BY_API_FOR_OTHERS:
            expected[table].add("api")
        granted[table] = {role for role in PASSWORDS if may(roles, role, table, right)}
    assert granted == expected


def test_the_reader_reads_all_but_the_keys_and_writes_nothing(roles):
    for table in writers():
        secret = table in {"api_key", "idempotency"}
        assert may(roles, "reader", table, "SELECT") is not secret
        assert not may(roles, "reader", table, "INSERT")


def test_applying_the_roles_again_changes_nothing(roles, postgres_url):
    grants = "SELECT relname, relacl::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY 1"
    before = roles.execute(grants).fetchall()
    roles.rollback()
    apply_roles(postgres_url)
    assert roles.execute(grants).fetchall() == before
