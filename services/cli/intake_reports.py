"""What `leadline doctor` says of intake: breakers, whether logs are read, dead letters."""

from __future__ import annotations

from datetime import datetime

from services.api.queries.status import dead_letters_pending
from services.cli.findings import LONG, Caution, Fault
from services.ingest.store.breakers import load_open
from shared.runtime.settings import Settings
from shared.store.base import from_micros, to_micros
from shared.store.moment import shared_micros
from shared.store.partitions import read_partitions
from shared.store.session import Database


def breaker_report(database: Database, settings: Settings) -> str:
    """Return that intake of no topic is stopped.

    Raises `Fault` naming the topics whose breaker is open, `Caution` where the settings let intake
    go on all the same.
    """
    stopped = load_open(database)
    if not stopped:
        return "no topic's intake is stopped"
    topics = ", ".join(f"{topic} ({why})" for topic, why in sorted(stopped.items()))
    if settings.breaker == "off":
        raise Caution(
            f"open, and not heeded while LEADLINE_BREAKER=off: {topics}",
            fix="once the sender is mended, run `leadline resume`, then take the setting away",
        )
    raise Fault(
        f"intake is stopped: {topics}",
        fix="see `leadline dlq list`, have the sender mended, then run `leadline resume`;"
        " what was refused comes in by `leadline dlq replay --all` once it can be read",
    )


def ingest_report(database: Database, settings: Settings, now: datetime) -> str:
    """Return that some ingest measures the logs; raises `Caution` where none does.

    On PostgreSQL its clock decides, by which the measurements are dated; `now` does on SQLite.
    """
    if not settings.kafka_bootstrap:
        return "not configured: no Kafka to read from"
    with database.read() as connection:
        present = shared_micros(connection, to_micros(now))
        latest = max((row.measured_at or 0 for row in read_partitions(connection)), default=0)
    fix = "start `leadline ingest` (or `leadline up`); if it runs, see its log and `/readyz`"
    if not latest:
        raise Caution("no ingest has read from Kafka yet", fix=fix)
    since = from_micros(latest)
    if from_micros(present) - since > LONG:
        said = f"no log was measured since {since:%Y-%m-%dT%H:%M:%SZ}: no ingest seems to run"
        raise Caution(said, fix=fix)
    return "measured the logs lately"


def dead_letters_report(database: Database) -> str:
    """Return that no dead letter waits; raises `Caution` with how many do."""
    with database.read() as connection:
        waiting = dead_letters_pending(connection)
    if waiting:
        raise Caution(
            "1 waits" if waiting == 1 else f"{waiting} wait",
            fix="see `leadline dlq list`, then `leadline dlq replay` or `leadline dlq discard`",
        )
    return "none waits"
