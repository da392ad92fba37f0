"""Unit tests are pure: no network. Unix sockets stay, asyncio's event loop wakes itself by one."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _no_network():
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
