"""Whether an address of brokers or of a database is one that its client can read."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_BROKER = re.compile(r"(?:\[[0-9A-Fa-f:.%\w]+\]|[^\s\[\]:]+)(?::([0-9]{1,5}))?", re.ASCII)
LAST_PORT = 65_535


def are_brokers(value: str) -> bool:
    """Tell whether each of them is a host, with a port or without."""
    return all(_is_broker(one.strip()) for one in value.split(","))


def _is_broker(one: str) -> bool:
    found = _BROKER.fullmatch(one)
    if found is None:
        return _is_ipv6(one)
    return found[1] is None or _is_port(int(found[1]))


def _is_ipv6(host: str) -> bool:
    try:
        IPv6Address(host)
    except AddressValueError:
        return False
    return True


def is_database(value: str) -> bool:
    """Tell whether the URL can be read; of what it holds nothing is said, it has a password."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        return False
    # What stands before the last @ of an unescaped password would be shown as a host.
    return "@" not in (url.host or "") and (url.port is None or _is_port(url.port))


def _is_port(number: int) -> bool:
    return 1 <= number <= LAST_PORT
