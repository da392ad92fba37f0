"""Side jobs that must outlive their faults."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def repeat(name: str, work: Callable[[], Awaitable[bool | None]], *, seconds: float) -> None:
    """Run `work` again and again until cancelled, pausing unless it says there is more to do.

    A side job that dies in silence would leave the service half alive: whatever goes wrong is
    said, and the next turn tries again.
    """
    failing = False
    task = asyncio.current_task()
    while True:
        more = False
        try:
            more = bool(await work())
        except Exception as error:  # noqa: BLE001  # see above
            if not failing:
                log.warning("a side job failed, trying again", job=name, error=repr(error)[:300])
            failing = True
        else:
            failing = False
        # `wait_for` of Python 3.11 swallows a cancellation that comes together with its result.
        if task is not None and task.cancelling():
            raise asyncio.CancelledError
        if not more:
            await asyncio.sleep(seconds)
