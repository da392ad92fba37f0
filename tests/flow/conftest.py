"""A running api over each of the two databases; the command line with a file of its own."""

from contextlib import closing

import pytest

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.support.api import running_api
from tests.support.cli import Cli


@pytest.fixture
def api(database_url):
    with running_api(database_url) as running:
        yield running


@pytest.fixture
def cli(tmp_path):
    return Cli(tmp_path)


@pytest.fixture
def ready(cli):
    """The command line with a migrated file."""
    assert cli("migrate").code == 0
    return cli


@pytest.fixture
def file_database(cli):
    """The file that `cli` works on, with the current schema."""
    with closing(Database(cli.environ["LEADLINE_DATABASE_URL"])) as database:
        migrate(database)
        yield database
