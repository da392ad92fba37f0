"""Stopping in order: a flag set by signals, and named clean-ups under one deadline."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType

import structlog

from shared.runtime.clock import WallClock

log = structlog.get_logger(__name__)

ONE_BREATH_SECONDS = 1.0
DRAIN_SECONDS = 10.0
"""How long a service may take to finish its work after SIGTERM."""


def stop_on_signals() -> threading.Event:
    """Return a flag that SIGTERM or SIGINT sets; asking again ends the process at once.

    Some senders ask twice in one breath (`timeout` asks the process and its group), which counts
    once. Must be called from the main thread.
    """
    stop, clock, asked_at = threading.Event(), WallClock(), 0.0

    def _asked(number: int, _frame: FrameType | None) -> None:
        nonlocal asked_at
        if not stop.is_set():
            asked_at = clock.monotonic()
            log.info("stopping", signal=signal.Signals(number).name)
            stop.set()
        elif clock.monotonic() - asked_at > ONE_BREATH_SECONDS:
            os._exit(128 + number)  # an exception would wait for threads that hang

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _asked)
    return stop
