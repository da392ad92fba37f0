"""A running api over a SQLite file of the test's own."""

import pytest

from tests.support.api import running_api


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url) as running:
        yield running
