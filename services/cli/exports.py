"""The whole state as rows of `leadline export`, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import RowMapping, Select, select

from services.cli.commands.export import What
from services.cli.letters import dead_letters
from shared.domain.event_types import EventType
from shared.store.session import Database
from shared.store.tables import (
    AccountFactsRow,
    AccountRow,
    AccountScoreRow,
    AlertActionRow,
    AlertRow,
    EventRow,
    PlaybookRunRow,
    RunActionRow,
    RunTaskRow,
    SignalRow,
    SourceRow,
)

CHUNK = 10_000


def ledger(database: Database) -> Iterator[dict[str, Any]]:
    """Yield every accepted event."""
    columns = (
        EventRow.seq, SourceRow.uri, EventRow.event_id, EventRow.type_id, AccountRow.account_id,
        EventRow.time, EventRow.partition, EventRow.offset,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(SourceRow, SourceRow.id == EventRow.source_id)
        .join(AccountRow, AccountRow.id == EventRow.account_id)
    )
    topics = {int(kind): kind.topic for kind in EventType}
    for row in _chunks(database, query, EventRow.seq):
        topic = topics[row["type_id"]]
        yield {
            "source": row["uri"],
            "id": row["event_id"],
            "type": topic,
            "subject": row["account_id"],
            "time": row["time"].isoformat().replace("+00:00", "Z"),
            "topic": None if row["offset"] is None else topic,
            "partition": row["partition"],
            "offset": row["offset"],
        }


def accounts(database: Database) -> Iterator[dict[str, Any]]:
    """Yield every account with its master data, counts and current score."""
    facts, score = AccountFactsRow.__table__, AccountScoreRow.__table__
    own = {"account_id", "scored_revision"}
    query = (
        select(
            AccountRow.__table__,
            *(c for c in facts.c if c.name != "account_id"),
            *(c for c in score.c if c.name not in own),
        )
        .join(facts, facts.c.account_id == AccountRow.id, isouter=True)
        .join(score, score.c.account_id == AccountRow.id, isouter=True)
    )
    for row in _chunks(database, query, AccountRow.id):
        yield _plain(row, drop={"id"})


def signals(database: Database) -> Iterator[dict[str, Any]]:
    """Yield every stored signal."""
    query = select(SignalRow.__table__, AccountRow.account_id.label("account")).join(
        AccountRow, AccountRow.id == SignalRow.account_id
    )
    for row in _chunks(database, query, SignalRow.id):
        yield _of_account(row)


def alerts(database: Database) -> Iterator[dict[str, Any]]:
    """Yield every alert with what people did about it, oldest first."""
    acts = _by(database, select(AlertActionRow.__table__).order_by(AlertActionRow.id), "alert_id")
    query = (
        select(AlertRow.__table__, AccountRow.account_id.label("account"))
        .join(AccountRow, AccountRow.id == AlertRow.account_id)
        .order_by(AlertRow.pending_since, AlertRow.alert_id)
    )
    for row in _all(database, query):
        yield {**_of_account(row), "actions": acts.get(row["alert_id"], [])}


def runs(database: Database) -> Iterator[dict[str, Any]]:
    """Yield every playbook run with its tasks and what people did, oldest first."""
    tasks = _by(database, select(RunTaskRow.__table__).order_by(RunTaskRow.position), "run_id")
    acts = _by(database, select(RunActionRow.__table__).order_by(RunActionRow.id), "run_id")
    query = (
        select(PlaybookRunRow.__table__, AccountRow.account_id.label("account"))
        .join(AccountRow, AccountRow.id == PlaybookRunRow.account_id)
        .order_by(PlaybookRunRow.started_at, PlaybookRunRow.run_id)
    )
    for row in _all(database, query):
        run = row["run_id"]
        more = {"tasks": tasks.get(run, []), "actions": acts.get(run, [])}
        yield {**_of_account(row), **more}


EXPORTS: Mapping[What, Callable[[Database], Iterator[dict[str, Any]]]] = {
    What.LEDGER: ledger,
    What.ACCOUNTS: accounts,
    What.SIGNALS: signals,
    What.ALERTS: alerts,
    What.RUNS: runs,
    What.DEAD_LETTERS: dead_letters,
}


def _chunks(database: Database, query: Select[*tuple[Any, ...]], key: Any) -> Iterator[RowMapping]:
    """Read in order of a growing key, a transaction per chunk: no long one holds anything up."""
    last = 0
    name = key.key
    while True:
        with database.read() as connection:
            page = query.where(key > last).order_by(key).limit(CHUNK)
            rows = connection.execute(page).mappings().all()
        if not rows:
            return
        yield from rows
        last = rows[-1][name]


def _by(
    database: Database, query: Select[*tuple[Any, ...]], name: str
) -> dict[str, list[dict[str, Any]]]:
    """Return rows gathered by one of their columns."""
    found: dict[str, list[dict[str, Any]]] = {}
    with database.read() as connection:
        for row in connection.execute(query).mappings():
            found.setdefault(row[name], []).append(_plain(row, drop={name}))
    return found


def _all(database: Database, query: Select[*tuple[Any, ...]]) -> Sequence[RowMapping]:
    with database.read() as connection:
        return connection.execute(query).mappings().all()


def _of_account(row: RowMapping) -> dict[str, Any]:
    """Return a row whose `account` is the id of its account, under the usual name."""
    return {**_plain(row, drop={"account"}), "account_id": row["account"]}


def _plain(row: RowMapping, *, drop: set[str]) -> dict[str, Any]:
    """Return a row as JSON can say it; times in RFC 3339."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in row.items()
        if name not in drop
    }
