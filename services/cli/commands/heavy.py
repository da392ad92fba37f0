"""Commands that load a whole service: their options alone, so that `leadline` starts fast."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from services.cli.common import AsJson, settings_of


def demo(
    shipments: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Play this file of real shipments."),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option("--map", metavar="NAME", help="The map of that file.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DIR", file_okay=False, help="Keep the data there.")
    ] = None,
    live: Annotated[
        str | None,
        typer.Option(metavar="SPEED", help="Play the last weeks in time, as in 60x."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Play to the end, verify, print JSON, exit.")
    ] = False,
) -> None:
    """Show the whole product in one process, on embedded parts; prints one URL."""
    if (shipments is None) != (mapping is None):
        raise typer.BadParameter("--shipments and --map go together")
    if check and live:
        raise typer.BadParameter("--check and --live exclude each other")
    from services.cli.playing.pace import parse_speed

    speed = None if live is None else parse_speed(live)
    from services.cli.commands.demo import run_demo

    run_demo(shipments=shipments, mapping=mapping, data=data, speed=speed, check=check)


def up() -> None:
    """Run ingest, signals and api in one process, from the settings."""
    from services.cli.commands.up import run_up

    run_up()


def ingest() -> None:
    """Run ingest: Kafka to facts."""
    from services.ingest.__main__ import run

    run(settings_of(logs=True))


def signals() -> None:
    """Run signals: facts to scores, alerts and playbook runs."""
    from services.signals.__main__ import run

    run(settings_of(logs=True))


def api() -> None:
    """Run the api and the workspace page."""
    from services.api.__main__ import run
    from services.cli.ports import mount

    settings = settings_of(logs=True)
    run(settings, lambda database, clock: mount(settings, database, clock))


def score(
    account: Annotated[str, typer.Argument(help="The account's id.")],
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="A day, or a moment with offset (its day counts); default: now's score.",
        ),
    ] = None,
    known_at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Only from what had arrived by then; default: all."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also the reasons and their event ids.")
    ] = False,
    language: Annotated[str, typer.Option(help="Of the reasons: en, vi or pt.")] = "en",
    as_json: AsJson = False,
) -> None:
    """Score an account as of 00:00 UTC of any day, from the facts strictly before it."""
    from services.cli.commands.score import run_score

    run_score(account, as_of, known_at, explain=explain, language=language, as_json=as_json)


def backtest(
    events: Annotated[
        Path | None,
        typer.Argument(
            exists=True,
            dir_okay=False,
            readable=True,
            help="CSV or CSV.gz: account_id,event_time,event_type,amount; a type is booking,"
            " complaint or late_delivery.",
        ),
    ] = None,
    database: Annotated[
        bool, typer.Option("--database", help="Judge the store's own history instead.")
    ] = False,
    mapping: Annotated[
        str | None,
        typer.Option("--map", metavar="NAME_OR_PATH", help="The map of a file of another shape."),
    ] = None,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="YYYY-MM", help="First month; default: after a third."),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month.")] = None,
    refit_months: Annotated[int, typer.Option(min=1, help="Months between refits.")] = 1,
    budget: Annotated[
        float, typer.Option(min=0.001, max=1.0, help="Share of accounts named each month.")
    ] = 0.10,
    model: Annotated[
        str,
        typer.Option(help="blend, prior, bgnbd, recency, recency-ratio or random."),
    ] = "blend",
    scores: Annotated[
        Path | None, typer.Option(metavar="OUT.csv.gz", dir_okay=False, help="Every score.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="OUT.html", dir_okay=False, help="A page to read.")
    ] = None,
    as_json: Annotated[
        Path | None,
        typer.Option("--json", metavar="OUT.json", help="Every measure; - is stdout."),
    ] = None,
) -> None:
    """Prove the score on history: what it would have said each month, and what then happened."""
    if (events is None) != database:
        raise typer.BadParameter("name EVENTS, or --database, and not both")
    if database and mapping is not None:
        raise typer.BadParameter("--map is for a file of events")
    from services.cli.commands.backtest import Ordered, Written, run_backtest

    run_backtest(
        Ordered(events, mapping, first, last, refit_months, budget, model),
        Written(scores, report, as_json),
    )


def train(
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Fit and judge, with the exit code that follows; store and promote nothing.",
        ),
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Fit another one in a month that has its model.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fit a model to this installation's own history; promote it unless it does worse."""
    from services.cli.commands.train import run_train

    run_train(dry_run=dry_run, again=again, as_json=as_json)


def doctor(as_json: AsJson = False) -> None:
    """Check every dependency; a failing line says how to mend it."""
    from services.cli.commands.doctor import run_doctor

    run_doctor(as_json=as_json)
