"""`leadline topics` and `leadline resume`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.common import (
    AsJson,
    CommandError,
    open_database,
    print_json,
    print_table,
    settings_of,
)
from shared.domain.event_types import BY_TOPIC
from shared.runtime.clock import WallClock

if TYPE_CHECKING:
    from shared.runtime.settings import Settings

app = typer.Typer(help="Kafka topics.", no_args_is_help=True)


@app.command("apply")
def apply(
    partitions: Annotated[
        int | None, typer.Option(min=1, help="Partitions of new inbound topics.")
    ] = None,
    replication: Annotated[
        int | None, typer.Option(min=1, help="Copies of each partition; default three, or fewer.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create the topics that are missing and check the others."""
    from shared.kafka.admin import apply_topics

    settings = _with_kafka(settings_of())
    states = asyncio.run(apply_topics(settings, partitions=partitions, replication=replication))
    if as_json:
        print_json([state._asdict() for state in states])
    else:
        rows = [(state.name, state.partitions, state.outcome) for state in states]
        print_table(["topic", "partitions", "outcome"], rows)
    if wrong := [state.name for state in states if not state.ok]:
        raise CommandError(f"{len(wrong)} topics are not as they must be: {', '.join(wrong)}")


@app.command("adopt")
def adopt(topic: Annotated[str, typer.Argument(help="The topic that was made again.")]) -> None:
    """Begin a re-created topic again; the ledger makes repeats harmless."""
    from services.ingest.adopt import adopt_topic

    settings = _with_kafka(settings_of())
    if topic not in BY_TOPIC:  # nobody would ever measure its partitions
        raise CommandError(f"Leadline does not read {topic}; it reads {', '.join(BY_TOPIC)}")
    with open_database(settings) as database:
        partitions = asyncio.run(adopt_topic(settings, database, topic, WallClock()))
    if not partitions:
        raise CommandError(f"the cluster has no topic {topic}: run `leadline topics apply` first")
    print(f"{topic}: {partitions} partitions begin again at the first record of the log")


def resume() -> None:
    """Let intake go on after the breaker stopped it."""
    from services.ingest.store.breakers import close_breakers

    with open_database(settings_of()) as database:
        stopped = close_breakers(database)
    print(f"resumed: {', '.join(stopped)}" if stopped else "no breaker is open")


def _with_kafka(settings: Settings) -> Settings:
    if not settings.kafka_bootstrap:
        raise CommandError("LEADLINE_KAFKA_BOOTSTRAP is empty: name the brokers, as in host:9092")
    return settings
