"""Stopping in order: a flag set by signals, and named clean-ups under one deadline."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 10.0
"""How long a service may take to finish its work after SIGTERM."""


def stop_on_signals() -> threading.Event:
    """Return a flag that SIGTERM or SIGINT sets; a second signal ends the process at once.

    Must be called from the main thread.
    """
    stop = threading.Event()

    def _asked(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise SystemExit(128 + number)
        log.info("stopping", signal=signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _asked)
    return stop
