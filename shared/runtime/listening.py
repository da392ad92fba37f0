"""Taking an address to listen on; one that cannot be had is named with its setting."""

from __future__ import annotations

import errno
import socket

from shared.runtime.expected import ExpectedError

BACKLOG = 1024
EVERYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # compared, not bound


class ListenError(ExpectedError):
    """The address cannot be had; the message names it and the setting to change."""


def listen(host: str, port: int, setting: str) -> socket.socket:
    """Return a socket that listens; port 0 takes a free one, `::` hears IPv4 too.

    Raises `ListenError`, which names `setting` where the port is what is wrong.
    """
    family = _family(host)
    both = family is socket.AF_INET6 and socket.has_dualstack_ipv6()
    try:
        return socket.create_server(
            (host, port), family=family, backlog=BACKLOG, dualstack_ipv6=both
        )
    except OSError as error:
        wrong = (
            f"set {setting} (0 takes a free one)"
            if error.errno in {errno.EADDRINUSE, errno.EACCES}
            else "set LEADLINE_HTTP_HOST to an address of this machine"
        )
        # What `create_server` says ends with the address, which stands here already.
        why = (error.strerror or str(error)).partition(" (while")[0]
        raise ListenError(f"cannot listen on {_joined(host, port)}: {why}; {wrong}") from error


def port_or_free(host: str, port: int) -> int:
    """Return the port if nobody has it, else 0, which takes a free one."""
    try:
        listen(host, port, "").close()
    except ListenError:
        return 0
    return port


def local_url(host: str, port: int) -> str:
    """Return where a browser on this machine finds a listener that is bound to `host`."""
    return f"http://{_joined(EVERYWHERE.get(host, host), port)}"


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
