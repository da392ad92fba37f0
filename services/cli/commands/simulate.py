"""`leadline simulate`."""

from __future__ import annotations

import asyncio
import gzip
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import msgspec
import typer
from rich.progress import Progress

from services.cli.common import CommandError, progress_bar, say, settings_of
from services.cli.simulator import DEFAULT_END, Simulation
from services.cli.simulator.events import micros
from services.ingest.adapters import MappedEvent
from shared.runtime.clock import WallClock

YEARS = range(1980, 2100)
"""In which a simulation may end: the longest one still begins after 1970."""


def simulate(
    accounts: Annotated[int, typer.Option(min=1, help="How many accounts.")] = 60,
    months: Annotated[int, typer.Option(min=1, max=120, help="How many months.")] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 7,
    until: Annotated[
        str, typer.Option(metavar="DATE", help="The first day without events; `today` is one too.")
    ] = DEFAULT_END.isoformat(),
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON lines; `.gz` is packed; - is stdout.")
    ] = None,
    produce: Annotated[bool, typer.Option("--produce", help="Send to the Kafka topics.")] = False,
    truth: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the hidden stories and losses there."),
    ] = None,
) -> None:
    """Make up a forwarder with known effects; the events are CloudEvents as JSON lines."""
    if produce and to is not None:
        raise typer.BadParameter("--to and --produce exclude each other")
    end = _day(until)
    simulation = Simulation(accounts=accounts, months=months, seed=seed, end=end)
    if produce:
        settings = settings_of()
        if not settings.kafka_bootstrap:
            raise CommandError("LEADLINE_KAFKA_BOOTSTRAP is empty: name the brokers")
        from services.cli.replay import produced

        with progress_bar("events") as bar:
            count = asyncio.run(produced(settings, _watched(simulation, bar)))
    else:
        count = _written(simulation, to)
    if truth is not None:
        lines = (msgspec.json.encode(each._asdict()) + b"\n" for each in simulation.truth())
        truth.write_bytes(b"".join(lines))
    say(f"leadline: {count} synthetic events, {accounts} accounts, until {end}")


def _day(text: str) -> date:
    if text == "today":
        return WallClock().now().date()
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"--until {text}: a day such as 2026-07-01, or today") from None
    if day.year not in YEARS:
        raise typer.BadParameter(f"--until {text}: a day from {YEARS[0]} to {YEARS[-1]}")
    return day


def _written(events: Iterable[MappedEvent], to: Path | None) -> int:
    """Write JSON lines; a packed file has no time in it, so that equal seeds give equal bytes."""
    count = 0
    if to is None or str(to) == "-":
        for count, event in enumerate(events, start=1):  # noqa: B007 - counted
            sys.stdout.buffer.write(event.value + b"\n")
        return count
    with to.open("wb") as raw:
        packed = to.suffix == ".gz"
        file = cast("BinaryIO", gzip.GzipFile("", "wb", 6, raw, mtime=0)) if packed else raw
        for count, event in enumerate(events, start=1):  # noqa: B007 - counted
            file.write(event.value + b"\n")
        if packed:
            file.close()
    return count


def _watched(simulation: Simulation, bar: Progress) -> Iterator[MappedEvent]:
    """Pass events on, and move the bar with simulated time."""
    start, end = map(micros, simulation.span)
    for event in simulation:
        bar.update(bar.task_ids[0], completed=(event.time - start) / (end - start))
        yield event
