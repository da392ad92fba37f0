"""Linear algebra on one thread: faster on small arrays, and the same bits from run to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

_Function = TypeVar("_Function", bound=Callable[..., object])


def one_thread(function: _Function) -> _Function:
    """Make the function's linear algebra use one thread."""
    wrapped: _Function = threadpool_limits.wrap(limits=1)(function)
    return wrapped
