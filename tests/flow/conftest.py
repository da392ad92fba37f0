"""A running api over each of the two databases."""

import pytest

from tests.support.api import running_api


@pytest.fixture
def api(database_url):
    with running_api(database_url) as running:
        yield running
