"""The TLS context of the Kafka clients, and what is wrong with the files that it is made of."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from pathlib import Path


def tls_context(cafile: str, certfile: str, keyfile: str) -> ssl.SSLContext:
    """Return the context; no path means the system's authorities, and no certificate of ours."""
    context = ssl.create_default_context(cafile=cafile or None)
    if certfile:
        context.load_cert_chain(certfile, keyfile or None)
    return context


def tls_faults(cafile: str, certfile: str, keyfile: str) -> Iterator[tuple[Sequence[int], str]]:
    """Yield which of the three cannot be used, and why."""
    unreadable = False
    for at, path in enumerate((cafile, certfile, keyfile)):
        if path and (why := _unreadable(path)):
            unreadable = True
            yield (at,), why
    if unreadable:
        return
    for used, given in (((0,), (cafile, "", "")), ((1, 2), ("", certfile, keyfile))):
        if not given[used[0]]:
            continue  # reading the system's authorities takes every start 25 ms
        try:
            tls_context(*given)
        except ssl.SSLError as error:
            yield [at for at in used if given[at]], f"cannot be used ({error.reason or 'no PEM'})"


def _unreadable(path: str) -> str | None:
    try:
        with Path(path).open("rb"):
            return None
    except OSError as error:
        return error.strerror or str(error)
