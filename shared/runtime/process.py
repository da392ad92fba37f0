"""How a service's process begins, and how it says why it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable

from shared.runtime.expected import ExpectedError
from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings, read_settings


class ServiceError(ExpectedError):
    """A service cannot run as it is set up; the message is one line."""


def start(service: str, run: Callable[[Settings], None]) -> int:
    """Read the settings, set up logs and run; return the exit code.

    What a person can mend is one line and code 1.
    """
    try:
        settings = read_settings()
        configure_logging(settings.log_format, settings.log_level)
        run(settings)
    except ExpectedError as error:
        print(f"leadline {service}: {error}", file=sys.stderr)  # noqa: T201 (the one line)
        return 1
    return 0
