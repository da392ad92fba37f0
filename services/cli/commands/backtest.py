"""`leadline backtest`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import typer

from services.cli.backtest.page import report_page
from services.cli.backtest.scores import write_scores
from services.cli.backtest.sources import History, event_file, mapped_file, store
from services.cli.common import (
    CommandError,
    open_database,
    print_table,
    progress_bar,
    say,
    settings_of,
)
from services.signals.backtest.baselines import baselines
from services.signals.backtest.engine import (
    Prepared,
    Result,
    TooLittleError,
    backtest,
    default_first,
    prepare,
)
from services.signals.backtest.judge import ENOUGH
from services.signals.hazard.blend import LossBlend
from services.signals.training.hindsight import hindsight
from services.signals.training.methods import Blend, Prior
from services.signals.training.population import Population
from services.signals.training.prior import PriorKnowsThisError, load_prior
from services.signals.training.rolling import Method, Plan
from shared.runtime.clock import WallClock
from shared.runtime.rates import load_rates

STDOUT = Path("-")
READING = 0.2
"""Share of the progress bar for reading and features."""
HINDSIGHT = 0.9
"""Where on it the look at late facts begins."""

Advance = Callable[[float, str], None]


class Ordered(NamedTuple):
    """What was asked for."""

    events: Path | None
    mapping: str | None
    first: str | None  # YYYY-MM
    last: str | None
    refit_months: int
    budget: float
    model: str


class Written(NamedTuple):
    """Where results go besides the table."""

    scores: Path | None
    report: Path | None
    as_json: Path | None


def run_backtest(ordered: Ordered, written: Written) -> None:
    """Backtest, write the files, print the table."""
    _check_targets(ordered, written)
    with _told() as advance:
        history = _history(ordered, lambda share: advance(READING * share / 2, "reading"))
        population = history.population
        prior = _prior(population)
        method = _method(ordered.model, prior)
        try:
            prepared = prepare(population, history.worth)
            plan = _plan(ordered, prepared.names)
            result = backtest(
                prepared,
                method,
                plan,
                budget=ordered.budget,
                beside=(Prior(prior), *baselines()),
                advance=lambda share, what: advance(READING + (HINDSIGHT - READING) * share, what),
            )
            advance(HINDSIGHT, "hindsight")
            flattered = _hindsight(history, prepared, method, plan)
        except TooLittleError as error:
            for note in history.notes:
                say(f"leadline: {note}")
            raise CommandError(f"{population.name}: insufficient data: {error}") from error
    report = _report(population, history.notes, prior, result) | {"hindsight": flattered}
    if written.scores is not None:
        count = write_scores(written.scores, prepared, result)
        say(f"leadline: {count} scores in {written.scores}")
    if written.report is not None:
        written.report.write_text(report_page(report), encoding="utf-8")
        say(f"leadline: the report is {written.report}")
    for note in report["notes"]:
        say(f"leadline: {note}")
    _print(report, written.as_json)
    _check_judged(report, prepared, plan)


def _check_targets(ordered: Ordered, written: Written) -> None:
    """Refuse to write over what is read, or one result over another."""
    read = [] if ordered.events is None else [ordered.events.resolve()]
    targets = [one.resolve() for one in written if one is not None and one != STDOUT]
    taken = [one for at, one in enumerate(targets) if one in read + targets[:at]]
    if taken:
        raise typer.BadParameter(f"{taken[0].name} is read or written already: name another file")


def _check_judged(report: dict[str, Any], prepared: Prepared, plan: Plan) -> None:
    """Fail where outcomes were there to judge by, but too few to say anything."""
    mine, population = report["methods"][report["method"]], prepared.population
    if mine["auc_m"] is None and plan.first + 3 <= len(population.months):
        raise CommandError(
            f"{population.name}: insufficient data: {mine['lost']} of {mine['rows']} judged"
            f" forecasts were lost; {ENOUGH} lost and {ENOUGH} kept are the least to measure"
        )


def _hindsight(
    history: History, prepared: Prepared, method: Method, plan: Plan
) -> dict[str, float | int] | None:
    """Return what late facts flatter; None where the source has none, or does not say."""
    if history.as_known is None:
        return None
    return hindsight(method, plan, prepared.population, prepared.rows, history.as_known)


@contextmanager
def _told() -> Iterator[Advance]:
    with progress_bar("backtest") as bar:
        yield lambda share, what: bar.update(bar.task_ids[0], completed=share, note=what)


def _history(ordered: Ordered, advance: Callable[[float], None]) -> History:
    now = WallClock().now()
    if ordered.events is not None and ordered.mapping is None:
        return event_file(ordered.events, now.date(), advance)
    settings = settings_of()
    worth = load_rates(settings).at(now)
    if ordered.events is not None and ordered.mapping is not None:
        return mapped_file(ordered.events, ordered.mapping, settings.mappings, advance, worth)
    with open_database(settings) as database:
        return store(database, worth)


def _prior(population: Population) -> LossBlend:
    try:
        return load_prior(excluding=population.facts)
    except PriorKnowsThisError as error:
        raise CommandError(f"{population.name}: {error}; no honest backtest is possible") from error


def _method(name: str, prior: LossBlend) -> Method:
    methods: list[Method] = [Blend(prior), Prior(prior), *baselines()]
    known = {one.name: one for one in methods}
    if name not in known:
        raise typer.BadParameter(f"--model {name}: one of {', '.join(known)}")
    return known[name]


def _plan(ordered: Ordered, names: list[str]) -> Plan:
    default = names[default_first(len(names) - 1)]
    first = _index(ordered.first or default, "--from", names)
    last = _index(ordered.last or names[-1], "--to", names)
    if first > last:
        raise typer.BadParameter(f"--from {names[first]} lies after --to {names[last]}")
    return Plan(first, last, ordered.refit_months)


def _index(month: str, option: str, names: list[str]) -> int:
    if month not in names:
        raise typer.BadParameter(
            f"{option} {month}: a month such as {names[-1]}, from {names[0]} to {names[-1]}"
        )
    return names.index(month)


def _report(
    population: Population, notes: list[str], prior: LossBlend, result: Result
) -> dict[str, Any]:
    """Return everything that is said of the backtest, as plain values."""
    facts = population.facts
    known = sorted(prior.manifest["data"])
    said = list(notes)
    left_out = prior.version.partition(".without-")[2]
    if left_out:
        said.append(
            f"the shipped prior was trained on this population ({left_out}): "
            f"{prior.version}, which never saw it, is used instead"
        )
    else:
        said.append(f"the prior {prior.version} was trained on other populations only")
    if result.measures["methods"][result.measures["method"]]["auc_m"] is None:
        said.append("insufficient data: too few lost or kept accounts to measure anything")
    return {
        "population": {
            "name": population.name,
            "digest": population.digest,
            "accounts": len(facts.account_ids),
            "bookings": int(facts.sums["demand"].sum()),
            "months": len(population.months),
        },
        "prior": {"version": prior.version, "trained_on": known, "left_out": left_out or None},
        "notes": said,
        **result.measures,
    }


def _print(report: dict[str, Any], as_json: Path | None) -> None:
    if as_json == STDOUT:
        print(json.dumps(report, ensure_ascii=False))
        return
    if as_json is not None:
        text = json.dumps(report, ensure_ascii=False, indent=1)
        as_json.write_text(text + "\n", encoding="utf-8")
        say(f"leadline: the measures are in {as_json}")
    if report["methods"][report["method"]]["auc_m"] is None:
        return  # a table of nothing
    columns = ("auc_m", "pr_auc", "brier", "ece", "precision", "recall", "lift")
    warned = ("caught", "before_last_booking", "months")
    print_table(
        ("method", *columns, "active_auc_m", *warned),
        [
            (
                name,
                *(measures[column] for column in columns),
                measures["active"]["auc_m"],
                *(measures["sustained"][column] for column in warned),
            )
            for name, measures in report["methods"].items()
        ],
    )
