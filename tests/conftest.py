"""Real servers for the tests that need them, and one loud line when a machine has none.

A test asks for a server by its fixture. Where the machine lacks the program the test is
skipped and said so at the end; with LEADLINE_REQUIRE_SERVERS=1 (as CI sets it) it fails.
"""

import logging
import os
import shutil
from collections import Counter

# Before numpy is loaded: small arrays gain nothing from more threads, and spin on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
import structlog
from hypothesis import settings

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.support.absence import ABSENT, REQUIRED, Absence, had
from tests.support.chromium import chromium_path, open_browser
from tests.support.kafka import KafkaBroker
from tests.support.postgres import PostgresServer
from tests.support.process import UnavailableError
from tests.support.prometheus import require

# A busy machine makes any example slow: how long one takes says nothing of the product.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

MARKED = {
    "kafka": "kafka_broker",
    "postgres": "postgres_server",
    "browser": "chromium",
    "prometheus": "promtool_path",
}
# A painted traceback with the values of all variables takes more than a second.
PLAIN_LOGS = [
    *structlog.get_config()["processors"][:-1],
    structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),
]


@pytest.fixture(autouse=True)
def _logs_as_before():
    """Undo what a command run in this process set up: its streams are closed after the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.configure(processors=PLAIN_LOGS)
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def pytest_collection_modifyitems(items):
    """Let a marker ask for its server, so that forgetting the fixture changes nothing."""
    for item in items:
        for mark, fixture in MARKED.items():
            if item.get_closest_marker(mark) and fixture not in item.fixturenames:
                item.fixturenames.insert(0, fixture)


def pytest_terminal_summary(terminalreporter):
    skipped = terminalreporter.stats.get("skipped", [])
    if absent := Counter(why for r in skipped for name, why in r.user_properties if name == ABSENT):
        said = "; ".join(f"{count} x {reason}" for reason, count in sorted(absent.items()))
        terminalreporter.write_line("")
        terminalreporter.write_line(
            f"!!! NOT TESTED on this machine: {said} !!!", red=True, bold=True
        )
    elif REQUIRED and skipped:
        terminalreporter.write_line("!!! tests were skipped, which CI refuses !!!", red=True)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    # A worker of several has no reporter: the process that gathers their results decides.
    if REQUIRED and exitstatus == 0 and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def started(make):
    """Start a server for the session; yield it, or its absence."""
    try:
        server = make()
    except UnavailableError as error:
        yield Absence(str(error))
        return
    try:
        yield server.start()
    finally:
        server.close()


@pytest.fixture(scope="session")
def _kafka_session():
    yield from started(KafkaBroker)


@pytest.fixture(scope="session")
def _postgres_session():
    yield from started(PostgresServer)


@pytest.fixture
def kafka_broker(request, _kafka_session):
    """The session's broker: `.bootstrap`, `.kill()`, `.restart()`. Leave it running."""
    return had(request, _kafka_session)


@pytest.fixture
def kafka(kafka_broker):
    """The session's broker's address. Use topics and groups of your own."""
    return kafka_broker.bootstrap


@pytest.fixture(scope="module")
def _kafka_module():
    yield from started(KafkaBroker)


@pytest.fixture
def own_kafka(request, _kafka_module):
    """The address of a broker that only this module uses: its topics begin empty."""
    return had(request, _kafka_module).bootstrap


@pytest.fixture
def postgres_server(request, _postgres_session):
    """The session's PostgreSQL server, with fsync off."""
    return had(request, _postgres_session)


@pytest.fixture
def postgres_url(postgres_server):
    """A PostgreSQL database of this test's own, with the current schema."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def durable_postgres(request):
    """A PostgreSQL server of this test's own, with fsync on, to be killed."""
    for server in started(lambda: PostgresServer(durable=True)):
        yield had(request, server)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory):
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture(scope="session")
def sqlite_in(_sqlite_template):
    """Return the URL of a new SQLite file with the current schema, in a folder."""

    def made(folder):
        path = folder / "leadline.db"
        shutil.copy(_sqlite_template, path)
        return f"sqlite:///{path}"

    return made


@pytest.fixture
def sqlite_url(tmp_path, sqlite_in):
    """A SQLite file of this test's own, with the current schema."""
    return sqlite_in(tmp_path)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """Each of the two databases in turn: what holds on one holds on the other."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture
def database(database_url):
    """An open `Database` on each of the two databases in turn."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def chromium(request):
    """The path of the system's Chromium."""
    try:
        return chromium_path()
    except UnavailableError as error:
        return Absence(str(error)).refuse(request)


@pytest.fixture
def browser(chromium):
    """A headless browser (Playwright, synchronous)."""
    with open_browser() as opened:
        yield opened


@pytest.fixture
def promtool_path(request):
    """The path of promtool; Prometheus comes with it."""
    try:
        require("prometheus")
        return require("promtool")
    except UnavailableError as error:
        return Absence(str(error)).refuse(request)
