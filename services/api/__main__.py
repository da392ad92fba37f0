"""`python -m services.api`: the api alone, reading and acting on alerts.

Events in and playbook commands need other services' code: `leadline api` mounts them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from services.api.app import create_app
from services.api.ports import Intake, RunCommands
from services.api.serve import serve
from shared.runtime.clock import Clock, WallClock
from shared.runtime.lifecycle import stop_on_signals
from shared.runtime.logging import configure_logging
from shared.runtime.settings import Settings, SettingsError, read_settings
from shared.store.migrate import SchemaError, check_schema
from shared.store.session import Database

POOL = 20
Mount = Callable[[Database, Clock], tuple[Intake | None, RunCommands | None]]


def run(settings: Settings, mount: Mount = lambda _database, _clock: (None, None)) -> int:
    """Serve until a signal; `mount` brings the ports of other services. Return the exit code."""
    clock = WallClock()
    database = Database(settings.database_url, name="leadline-api", pool_size=POOL)
    try:
        check_schema(database)
        intake, runs = mount(database, clock)
        app = create_app(database, settings, clock, intake=intake, runs=runs)
        stop = stop_on_signals()
        serve(app, settings.http_host, settings.http_port, stop, started=_announce)
    except (SchemaError, SettingsError) as error:
        print(f"leadline api: {error}", file=sys.stderr)  # noqa: T201  # the one line a person reads
        return 1
    except OSError as error:
        where = f"{settings.http_host}:{settings.http_port}"
        print(f"leadline api: cannot listen on {where}: {error.strerror}", file=sys.stderr)  # noqa: T201  # as above
        return 1
    finally:
        database.close()
    return 0


def _announce(url: str) -> None:
    print(f"Leadline listens at {url}", flush=True)  # noqa: T201  # port 0 must be told


def main() -> int:
    """Read the settings, then run."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(f"leadline api: {error}", file=sys.stderr)  # noqa: T201  # as above
        return 2
    configure_logging(settings.log_format, settings.log_level)
    return run(settings)


if __name__ == "__main__":
    sys.exit(main())
