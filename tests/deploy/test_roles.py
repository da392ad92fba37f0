"""Each service's database role may write what its package writes, and nothing else."""

import re
import subprocess
from urllib.parse import urlsplit

import psycopg
import pytest

from services.api.keys import create_key
from shared.runtime.clock import WallClock
from shared.store.base import Base
from shared.store.keys import TokenRoles
from shared.store.session import Database
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


@pytest.mark.parametrize("role", ["ingest", "signals"])
def test_a_service_may_look_up_who_asks_for_its_metrics_but_not_list_more(
    roles, postgres_url, role
):
    roles.execute(f"SET ROLE leadline_{role}")
    roles.execute(
        "SELECT key_id, role, kam_id, expires_at, revoked_at FROM api_key WHERE token_hash = ''"
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        roles.execute("SELECT * FROM api_key")


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("signals", "UPDATE alert SET band = 'high' WHERE false"),
        ("api", "DELETE FROM alert_action WHERE false"),
    ],
)
def test_whatever_a_service_writes_of_alerts_counts_by_its_own_role(roles, role, statement):
    """The count is kept by triggers on the tables, on which no service has rights of its own."""
    before = roles.execute("SELECT sum(raised) FROM alert_revision").fetchone()[0]
    roles.execute(f"SET ROLE leadline_{role}")
    roles.execute(statement)
    roles.execute("RESET ROLE")
    after = roles.execute("SELECT sum(raised) FROM alert_revision").fetchone()[0]
    assert after == before + 1


def test_the_services_own_role_finds_the_scrape_key(roles, postgres_url):
    roles.commit()
    owner = Database(postgres_url)
    token = create_key(owner, WallClock(), role="service").token
    owner.close()
    address = urlsplit(postgres_url)
    host = address.netloc.rpartition("@")[2]
    service = Database(address._replace(netloc=f"leadline_ingest:pw-i@{host}").geturl())
    try:
        assert TokenRoles(service, WallClock())(token) == "service"
    finally:
        service.close()
