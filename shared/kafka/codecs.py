"""Which compressions the client can read: without one, every partition stands still."""

from __future__ import annotations

from collections.abc import Callable

from aiokafka import codec

_HAVE: dict[str, Callable[[], bool]] = {
    "gzip": codec.has_gzip,
    "snappy": codec.has_snappy,
    "lz4": codec.has_lz4,
    "zstd": codec.has_zstd,
}


def missing_codecs() -> str | None:
    """Return what is wrong and its fix, or None when every compression can be read."""
    lacking = [name for name, have in _HAVE.items() if not have()]
    if not lacking:
        return None
    return (
        f"records compressed by {', '.join(lacking)} cannot be read:"
        " install cramjam (pip install 'aiokafka[all]')"
    )
