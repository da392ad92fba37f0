"""How a service's process begins, and how it says why it cannot."""

from __future__ import annotations

import sys
from collections.abc import Callable

from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings, SettingsError, read_settings


def fail(service: str, message: str) -> int:
    """Say in one line why the service cannot run; return the exit code of a failure."""
    print(f"leadline {service}: {message}", file=sys.stderr)  # noqa: T201 (the one line)
    return 1


def start(service: str, run: Callable[[Settings], int]) -> int:
    """Read the settings, set up logs and run; return the exit code."""
    try:
        settings = read_settings()
    except SettingsError as error:
        return fail(service, str(error))
    configure_logging(settings.log_format, settings.log_level)
    return run(settings)
