"""`leadline doctor`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from services.cli.common import CommandError, missing_file, print_json, settings_of
from services.cli.findings import LONG, Caution, Fault, Finding
from services.cli.intake_reports import breaker_report, dead_letters_report, ingest_report
from services.cli.look_alikes import look_alikes, unmerged_ids
from services.cli.merge_report import merges_report
from services.ingest.adapters.load import SHIPPED, load_mapping
from services.ingest.service import INBOUND, few
from services.signals.hazard.model import default_model
from services.signals.playbooks.library import load_library
from services.signals.store.waiting import waiting_since
from shared.contracts.topics import OUTBOUND
from shared.kafka.admin import missing_topics
from shared.kafka.codecs import missing_codecs
from shared.kafka.embedded import EmbeddedBrokerError, library_path
from shared.runtime.clock import WallClock
from shared.runtime.rates import load_rates
from shared.runtime.settings import Settings, require_folder
from shared.store.migrate import SchemaError, check_schema
from shared.store.session import Database

EXAMPLE = "# An example: made-up rates"
"""How the file of rates begins that comes with Leadline."""
OLDEST_RATES = 2
"""Months after which the newest rates are too old: a month's rate may come after its end."""


UNSEEN = "see the database's line"
FIXES = {
    "database": "start the database, or correct LEADLINE_DATABASE_URL",
    "schema": "run `leadline migrate`; if the schema is the newer one, upgrade Leadline",
    "scoring": UNSEEN,
    "accounts": UNSEEN,
    "merges": UNSEEN,
    "breaker": UNSEEN,
    "ingest": UNSEEN,
    "dead_letters": UNSEEN,
    "kafka": "start the brokers, or correct LEADLINE_KAFKA_BOOTSTRAP and its security settings;"
    " if it lacks topics, run `leadline topics apply`",
    "model": "install Leadline again: its model is part of it",
    "playbooks": "correct LEADLINE_PLAYBOOKS, or the named file in its folder",
    "mappings": "correct LEADLINE_MAPPINGS, or the named file in its folder",
    "rates": "correct LEADLINE_FX_RATES, or the named line of its file",
    "demo": "install Leadline again with its package confluent-kafka; only the demo needs it",
}

FILE_FAULTS = {"SQLITE_NOTADB": "is no SQLite database", "SQLITE_CANTOPEN": "cannot be opened"}


def run_doctor(*, as_json: bool) -> None:
    """Check every dependency; a failing line says how to mend it."""
    findings = list(_findings(settings_of(folders=False)))
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for one in findings:
            mark = "FAIL" if not one.ok else "warn" if one.warned else "ok  "
            print(f"{mark} {one.name:12} {one.text}" + (f" -> {one.fix}" if one.fix else ""))
    if failed := [finding.name for finding in findings if not finding.ok]:
        checks = "1 check" if len(failed) == 1 else f"{len(failed)} checks"
        raise CommandError(f"{checks} failed: {', '.join(failed)}")


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("settings", True, f"clock {settings.clock}, breaker {settings.breaker}")  # noqa: FBT003
    database = Database(settings.database_url, name="leadline-doctor")
    try:
        found = _tried("database", lambda: _database(database))
        yield found
        schema = _tried("schema", lambda: _schema(database))
        if schema.fix and not found.ok:
            schema = schema._replace(fix=UNSEEN)
        yield schema
        if schema.ok:
            yield from _stored(database, settings, WallClock().now())
    finally:
        database.close()
    yield _tried("kafka", lambda: _kafka(settings))
    yield _tried("model", lambda: f"version {default_model().version}")
    yield _tried("playbooks", lambda: _playbooks(settings.playbooks))
    yield _tried("mappings", lambda: _mappings(settings.mappings))
    yield _tried("rates", lambda: rates_report(settings, WallClock().now()))
    yield _tried("demo", lambda: f"embedded broker from {library_path().name}")


def _stored(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:
    yield _tried("scoring", lambda: scoring_report(database, settings, now))
    yield _tried("accounts", lambda: accounts_report(database))
    yield _tried("merges", lambda: merges_report(database))
    yield _tried("breaker", lambda: breaker_report(database, settings))
    yield _tried("ingest", lambda: ingest_report(database, settings, now))
    yield _tried("dead_letters", lambda: dead_letters_report(database))


def _tried(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, ok=True, text=check())
    except Caution as caution:
        text, fix = str(caution), caution.fix
        return Finding(name, ok=True, text=text, fix=fix, warned=True, groups=caution.groups)
    except Fault as fault:
        return Finding(name, ok=False, text=str(fault), fix=fault.fix)
    except Exception as error:  # noqa: BLE001 - any fault is what we look for
        line = (str(error) or repr(error)).strip().splitlines()[0]
        # What is named well says itself what to do.
        told = isinstance(error, CommandError | SchemaError | EmbeddedBrokerError)
        return Finding(name, ok=False, text=line, fix=None if told else FIXES[name])


def _database(database: Database) -> str:
    if path := missing_file(database):
        raise CommandError(f"no file {path} yet; run `leadline migrate`, or correct the setting")
    try:
        with database.read() as connection:
            connection.exec_driver_sql("SELECT 1")
    except DBAPIError as error:
        if words := FILE_FAULTS.get(getattr(error.orig, "sqlite_errorname", "")):
            fix = "correct LEADLINE_DATABASE_URL, or put a Leadline database there"
            raise Fault(f"{database.engine.url.database} {words}", fix=fix) from error
        raise
    return "SQLite file" if database.sqlite else "PostgreSQL answers"


def _schema(database: Database) -> str:
    if missing_file(database):
        raise SchemaError("the database has no Leadline schema; run `leadline migrate`")
    check_schema(database)
    return "fits this code"


def scoring_report(database: Database, settings: Settings, now: datetime) -> str:
    """Return that scoring keeps up; raises `Caution` where accounts wait for long.

    On the event clock they may: a day is looked at once all its facts are there.
    """
    if settings.clock == "event":
        return "goes by the event clock"
    with database.read() as connection:
        waiting = waiting_since(connection, now - LONG)
    if waiting:
        who = "1 account waits" if waiting == 1 else f"{waiting} accounts wait"
        raise Caution(
            f"{who} for a score for over {LONG.seconds // 60} minutes: `leadline signals`"
            " (or `leadline up`) does not run, or has much to catch up on"
        )
    return "nobody waits for long"


def accounts_report(database: Database) -> str:
    """Return how many accounts there are; raises `Caution` where ids look alike."""
    with database.read() as connection:
        ids = unmerged_ids(connection)
    if groups := look_alikes(ids):
        shown = few([" and ".join(map(ascii, group)) for group in groups])
        raise Caution(
            f"each of these counts as a customer of its own: {shown}",
            fix="where they are one customer, let the sources send one id, and for each of the"
            " others an event leadline.account.v1 with `merged_into`, the id that stays",
            groups=groups,
        )
    return f"{len(ids)} known, no two ids look alike" if ids else "none yet"


def _kafka(settings: Settings) -> str:
    if not settings.kafka_bootstrap:
        return "not configured: intake by HTTP and file only (LEADLINE_KAFKA_BOOTSTRAP)"
    wanted = [*INBOUND, *(spec.name for spec in OUTBOUND)]
    lacking = asyncio.run(missing_topics(settings, wanted))
    if lacking:
        raise CommandError(f"topics are missing: {few(lacking)}; run `leadline topics apply`")
    if fault := missing_codecs():
        raise CommandError(fault)
    return f"{settings.kafka_bootstrap} answers and has every topic"


def _playbooks(extra: Path | None) -> str:
    require_folder("playbooks", extra)
    return f"{len(load_library(extra).playbooks)} valid"


def rates_report(settings: Settings, now: datetime) -> str:
    """Return which rates there are.

    Raises `CommandError` when the newest month is too old, `Caution` for the rates of the example,
    of any age: they are made up.
    """
    rates, reporting = load_rates(settings), settings.reporting_currency
    if settings.fx_rates is None:
        return f"none: totals in {reporting} leave out other currencies (LEADLINE_FX_RATES)"
    if settings.fx_rates.read_text(encoding="utf-8-sig").startswith(EXAMPLE):
        raise Caution(
            f"{settings.fx_rates} is the example, with made-up rates: put your own rates in it,"
            " and take its first line away"
        )
    latest = rates.latest(now)
    newest = max(latest.values(), default=None)
    if newest is None:
        raise CommandError(f"{settings.fx_rates} has no rate of this month or before; add one")
    year, month = map(int, newest.split("-"))
    age = 12 * (now.year - year) + now.month - month
    # On the event clock the events' months decide, not today's.
    if age > OLDEST_RATES and settings.clock == "wall":
        raise CommandError(
            f"the newest rates of {settings.fx_rates} are of {newest}, {age} months ago;"
            " add this month's, then start the api again"
        )
    older = sorted(f"{name} since {month}" for name, month in latest.items() if month < newest)
    said = f"{few(sorted(latest))} into {reporting}, newest of {newest}"
    return said + (f"; unchanged: {few(older)}" if older else "")


def _mappings(extra: Path | None) -> str:
    require_folder("mappings", extra)
    paths = [p for folder in (SHIPPED, extra) if folder for p in sorted(folder.glob("*.y*ml"))]
    for path in paths:
        load_mapping(path)
    return f"{len(paths)} valid"
