"""Addresses to listen on: both families, and one that cannot be had is named with its setting."""

import socket
from contextlib import closing

import httpx
import pytest

from shared.runtime.health import HealthServer
from shared.runtime.listening import ListenError, listen, local_url, port_or_free


def test_a_taken_port_is_named_with_its_setting():
    with listen("127.0.0.1", 0, "LEADLINE_METRICS_PORT") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError) as refused:
            HealthServer("127.0.0.1", port, live={}, ready={})

    assert str(refused.value) == (
        f"cannot listen on 127.0.0.1:{port}: Address already in use;"
        " set LEADLINE_METRICS_PORT (0 takes a free one)"
    )


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "no-such-host.invalid"])
def test_a_host_that_is_not_of_this_machine_is_named_with_its_setting(host):
    with pytest.raises(ListenError, match=r"cannot listen on .*; set LEADLINE_HTTP_HOST to an"):
        listen(host, 0, "LEADLINE_HTTP_PORT")


def test_metrics_are_served_on_the_loopback_of_ipv6():
    with closing(HealthServer("::1", 0, live={}, ready={})) as server:
        assert httpx.get(f"http://[::1]:{server.port}/livez").status_code == 200


def test_the_unspecified_address_of_ipv6_hears_both_families():
    with listen("::", 0, "LEADLINE_HTTP_PORT") as server:
        port = server.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            socket.create_connection((host, port), timeout=5).close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_that_is_taken_gives_way_to_a_free_one(host):
    with listen(host, 0, "LEADLINE_HTTP_PORT") as server:
        port = server.getsockname()[1]
        assert port_or_free(host, port) == 0
    assert port_or_free(host, port) == port


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104  # a name in an address
        ("", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("leadline.example", "http://leadline.example:8080"),
    ],
)
def test_the_address_for_a_browser_can_be_opened(host, url):
    assert local_url(host, 8080) == url
