"""`leadline score`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from math import isnan
from typing import Any

import typer
from sqlalchemy import Connection, func, select

from services.api.queries.imports import stale_import
from services.api.queries.scope import with_merged
from services.cli.common import CommandError, open_database, print_json, say, settings_of
from services.cli.known_at import facts_known_at, fit_known_at
from services.cli.stale_files import stale_text
from services.signals.features.facts import DAY_MICROS
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.population import PopulationFit, fit_day
from services.signals.scoring.scores import Explanation, Scores
from services.signals.store.facts import load_facts
from services.signals.store.fits import fit_on, load_pasts, newest_month
from services.signals.store.merges import merge_targets
from services.signals.store.models import Champions
from shared.domain.feeds import STALE_IMPORT_DAYS
from shared.domain.phrase_words import LANGUAGES
from shared.domain.sentences import said
from shared.runtime.clock import WallClock
from shared.runtime.settings import Settings
from shared.store.base import from_micros, to_micros
from shared.store.session import Database
from shared.store.tables import AccountRow, AccountScoreRow, ConsumerOffsetRow

FAR_DAYS = 31
"""An `as_of` that lies further beyond the last known fact is warned of."""


def run_score(
    account: str,
    as_of: str | None,
    known_at: str | None,
    *,
    explain: bool,
    language: str,
    as_json: bool,
) -> None:
    """Score, and print."""
    if language not in ("en", *LANGUAGES):
        raise typer.BadParameter(f"{language!r} is no language here; write en, vi or pt")
    settings = settings_of()
    moment = _parsed(as_of) if as_of else None
    known = _parsed(known_at) if known_at else None
    with open_database(settings) as database:
        key = _row_id(database, account)
        day = current_day(database, key) if moment is None else to_micros(moment) // DAY_MICROS
        result = scored(database, settings, key, day, known, explain=explain)
        into = _merged_into(database, key, day, known)
        stale = _stale_import(database, settings, account, key)
        newest = _newest_fact(database) if stale is None else None  # said once
    if into is not None:
        say(
            f"{account} was merged into {into}: its facts count there, so this account has none"
            f" left; `leadline score {into}` scores both"
        )
        result["merged_into"] = into
    for line in _cautions(result["as_of"], day, moment, known, newest):
        say(line)
    if stale is not None and day > to_micros(stale) // DAY_MICROS + STALE_IMPORT_DAYS:
        say(stale_text(stale, account))
    for reason in result.get("reasons", ()):
        reason["text"] = said(reason["text"], language)
    if as_json:
        print_json(result)
    else:
        _print(result)


def _print(result: dict[str, Any]) -> None:
    for name, value in result.items():
        if name == "reasons":
            print(f"reasons, from a base of {result['base']:.3f}:")
            for reason in value:
                ids = " ".join(each["id"] for each in reason["event_ids"])
                print(f"  {reason['contribution']:+.3f} {reason['text']} {ids}".rstrip())
        elif name == "curve":
            print(f"{name:21} {'' if value is None else ' '.join(f'{p:.3f}' for p in value)}")
        elif name == "risk" and value is not None:
            print(f"{name:21} {value:.6f}")
        elif name != "base":
            print(f"{name:21} {'' if value is None else value}")


def _cautions(
    as_of: str, day: int, moment: datetime | None, known: datetime | None, newest: int | None
) -> Iterator[str]:
    """Yield what the reader of a score as of `day` may not expect; `newest` is in microseconds."""
    if moment is None:
        yield f"as of {as_of}, with what is known by now; another moment: --as-of"
    if known is not None and to_micros(known) // DAY_MICROS < day - 1:
        # Of the days between, nothing can have arrived: whoever booked daily looks silent.
        yield (
            f"nothing that arrived after {known:%Y-%m-%d} counts: until {as_of[:10]}"
            f" the account looks silent; did you mean `--as-of {known:%Y-%m-%d}`?"
        )
    if moment is not None and to_micros(moment) % DAY_MICROS:
        yield f"scores are as of 00:00 UTC: this one is as of {as_of}, and knows nothing of its day"
    if newest is not None and day > newest // DAY_MICROS + FAR_DAYS:
        yield (
            f"the last known fact is of {from_micros(newest):%Y-%m-%d}: nobody can have booked"
            f" after it, so until {as_of[:10]} every account looks silent"
        )


def _parsed(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time; write 2026-03-01 or RFC 3339") from error
    if moment.tzinfo is not None:
        try:
            return moment.astimezone(UTC)
        except OverflowError as error:
            raise typer.BadParameter(f"{text!r} lies beyond the calendar") from error
    if len(text) <= len("2026-03-01"):
        return moment.replace(tzinfo=UTC)
    raise typer.BadParameter(f"{text!r} has no offset: which time zone?")


def _newest_fact(database: Database) -> int | None:
    """Return the latest event time that intake has seen, over all sources."""
    with database.read() as connection:
        newest = connection.scalar(select(func.max(ConsumerOffsetRow.max_event_time)))
    return None if newest is None else to_micros(newest)


def _stale_import(
    database: Database, settings: Settings, account: str, key: int
) -> datetime | None:
    wall = WallClock().now() if settings.clock == "wall" else None
    with database.read() as connection:
        return stale_import(connection, wall, with_merged(connection, account, key))


def _merged_into(database: Database, key: int, day: int, known: datetime | None) -> str | None:
    """Return the account into which an account (row id) had gone in the end by `day`."""
    with database.read() as connection:
        target = merge_targets(connection, day, known).get(key)
        return connection.scalar(select(AccountRow.account_id).where(AccountRow.id == target))


def _row_id(database: Database, account: str) -> int:
    with database.read() as connection:
        key = connection.scalar(select(AccountRow.id).where(AccountRow.account_id == account))
    if key is None:
        raise CommandError(f"account {account!r} is unknown; `leadline export accounts` lists all")
    return int(key)


def current_day(database: Database, key: int) -> int:
    """Return the day that an account's stored score is as of."""
    with database.read() as connection:
        current = connection.scalar(
            select(AccountScoreRow.as_of).where(AccountScoreRow.account_id == key)
        )
    # On the wall clock it is made within the running day, as of the midnight to come.
    return -(-to_micros(current or WallClock().now()) // DAY_MICROS)


def scored(
    database: Database,
    settings: Settings,
    key: int,
    day: int,
    known: datetime | None,
    *,
    explain: bool,
    fit: PopulationFit | None = None,
) -> dict[str, Any]:
    """Return the score of an account row as of a day; `known` leaves out what came later.

    `fit` is the population's, where the caller has many accounts to score.
    """
    with database.read() as connection:
        if known is None:
            facts = load_facts(connection, [key], until_day=day, as_merged=day)
            fit = fit or _fit_on(connection, day)
        else:
            facts = facts_known_at(connection, [key], day, known)
            fit = fit or fit_known_at(connection, day, known)
        model = Champions().of(connection, day) or default_model()
    evaluator = Evaluator(facts, model, clock=settings.clock)
    evaluator.use(fit)
    scores = evaluator.scores(day)
    result = _form(scores, day)
    if known is not None:
        result["known_at"] = known.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if explain:
        result |= _reasons(evaluator.explain(day, scores, 0))
    return result


def _fit_on(connection: Connection, day: int) -> PopulationFit:
    """Return the population's fit: the service's own, if it still looks after that month."""
    kept = fit_on(connection, day) if newest_month(connection) == fit_day(day) else None
    return kept or load_pasts(connection, [fit_day(day)])[0].fit()


def _form(scores: Scores, day: int) -> dict[str, Any]:
    risk = float(scores.risk[0])
    known = not isnan(risk)
    cuts, last = scores.cuts[0], int(scores.last_booking_day[0])
    floor = scores.floor[0]
    return {
        "account_id": scores.account_ids[0],
        "as_of": from_micros(day * DAY_MICROS).isoformat().replace("+00:00", "Z"),
        "state": scores.state[0],
        "risk": risk if known else None,
        "risk_score": round(100 * risk, 1) if known else None,
        "curve": scores.curve[0].tolist() if known else None,
        "band": scores.band[0],
        "band_floor": None
        if floor is None
        else {"code": floor.code, "event_ids": [e._asdict() for e in floor.events]},
        "list": scores.list[0],
        "early_warning_months": int(scores.early_warning_months[0]) or None,
        "coverage": round(float(scores.coverage[0]), 3),
        "thresholds": None if cuts is None else cuts._asdict(),
        "last_booking_day": None if last < 0 else str(from_micros(last * DAY_MICROS).date()),
        "model_version": scores.model_version,
    }


def _reasons(explanation: Explanation) -> dict[str, Any]:
    return {
        "base": explanation.base,
        "reasons": [
            {
                "code": reason.code,
                "contribution": reason.contribution,
                "text": reason.text,
                "event_ids": [event._asdict() for event in reason.events],
            }
            for reason in explanation.reasons
        ],
    }
