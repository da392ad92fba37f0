"""How long one of Python's threads may hold the interpreter while another one waits."""

from __future__ import annotations

import sys

TURN_SECONDS = 0.0001
"""Python's own 5 ms let the database wait for a writer's next bytes while records were decoded:
a batch of 10,000 has some fifty answers to take, and each waited for a turn."""


def take_short_turns() -> None:
    """Let a thread that has just heard from the database or the network go on at once."""
    sys.setswitchinterval(TURN_SECONDS)
