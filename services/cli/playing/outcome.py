"""What came of the demo, measured where it counts: database, api and outbound topics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select

from services.cli.exports import ledger
from services.cli.playing.client import ApiClient
from services.cli.playing.input import DemoInput
from services.cli.simulator import STORIES, Story
from services.ingest.refusals import Refusals
from shared.contracts.file_rows import file_of
from shared.kafka.reader import Heard
from shared.store.base import from_micros
from shared.store.changes import read_changes
from shared.store.driver import driver_rows
from shared.store.session import Database
from shared.store.tables import AccountScoreRow, DeadLetterRow, EvidenceRow

WORKING = frozenset({"open", "acknowledged", "in_progress", "snoozed"})
"""States of an alert that still asks for something."""


class _Identity(msgspec.Struct):
    source: str
    id: str


class _Out(msgspec.Struct):
    id: str
    data: dict[str, Any]


@dataclass(slots=True)
class Heardings:
    """What the outbound topics said: ids of signals, alerts and runs."""

    by_topic: dict[str, set[str]] = field(default_factory=dict)

    def hear(self, record: Heard) -> None:
        """Note one record."""
        if record.value is None:
            return
        event = msgspec.json.decode(record.value, type=_Out)
        name = {"leadline.alert.v1": "alert_id", "leadline.playbook_trigger.v1": "run_id"}
        said = event.data.get(name.get(record.topic, ""), event.id)
        self.by_topic.setdefault(record.topic, set()).add(said)

    def said(self, topic: str) -> set[str]:
        """Return the ids heard on a topic."""
        return self.by_topic.get(topic, set())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Named checks; a failed one has words."""

    checks: Mapping[str, bool]
    faults: Sequence[str]

    @property
    def ok(self) -> bool:
        """Return whether every check holds."""
        return all(self.checks.values())


def figures(database: Database, client: ApiClient) -> dict[str, int]:
    """Return the counts of the check's report."""
    complaints = (
        select(EvidenceRow.account_id, EvidenceRow.ref)
        .where(EvidenceRow.kind == "complaint")
        .distinct()
        .subquery()
    )
    with database.read() as connection:

        def scalar(query: Any) -> int:
            return int(connection.scalar(query) or 0)

        blobs = driver_rows(connection, "SELECT changes FROM event WHERE changes IS NOT NULL")
        changes, _ = read_changes([blob for (blob,) in blobs])
        counts = {
            "bookings": int(changes["business"].sum(dtype=int)),
            "late_deliveries": int(changes["late"].sum(dtype=int)),
            "complaints": scalar(select(func.count()).select_from(complaints)),
            "lost_accounts": scalar(
                select(func.count()).select_from(AccountScoreRow).where(AccountScoreRow.lost)
            ),
            "rejected": scalar(select(func.count()).select_from(DeadLetterRow)),
        }
    counts["events"] = sum(1 for _ in ledger(database))
    counts["accounts"] = sum(1 for _ in client.items("/v1/accounts"))
    counts["alerts"] = sum(1 for _ in client.items("/v1/alerts"))
    counts["runs"] = sum(1 for _ in client.items("/v1/playbook-runs"))
    return counts


def judged(
    given: DemoInput,
    database: Database,
    client: ApiClient,
    heard: Heardings,
    *,
    fresh: bool,
    stories: bool,
) -> Verdict:
    """Check that everything arrived, was scored and left, and that the stories came true."""
    faults: dict[str, list[str]] = {}
    faults["every_event_arrived"] = list(_missing(given, database))
    faults["rejects_kept"] = list(_rejects(given, database))
    faults["accounts_scored"] = list(_unscored(given, client))
    alerts = list(client.items("/v1/alerts"))
    runs = list(client.items("/v1/playbook-runs"))
    if fresh:
        faults["signals_on_topic"] = [] if heard.said("leadline.signal.v1") else ["no signal"]
        alert_ids = {alert["alert_id"] for alert in alerts}
        faults["alerts_on_topic"] = sorted(alert_ids - heard.said("leadline.alert.v1"))
        run_ids = {run["run_id"] for run in runs if run["alert_id"]}
        faults["runs_on_topic"] = sorted(run_ids - heard.said("leadline.playbook_trigger.v1"))
    faults["alerts_owned"] = [
        alert["alert_id"]
        for alert in alerts
        if not (alert["owner"] and alert["playbook"] and alert["due_at"] and alert["opened_at"])
    ]
    if stories:
        names = {a["account_id"]: a["name"] for a in client.items("/v1/accounts")}
        end = from_micros(given.events[-1].time)
        for story in STORIES:
            faults[f"story_{story.code}"] = list(_story_faults(story, names, alerts, end))
    return Verdict(
        {name: not found for name, found in faults.items()},
        [f"{name}: {_some(found)}" for name, found in faults.items() if found],
    )


def _missing(given: DemoInput, database: Database) -> Iterator[str]:
    """Yield what was produced and is not in the ledger, or the other way round.

    What was refused is no loss: it is named, and kept whole.
    """
    sent, kept = set(), _letters(database)
    for event in given.events:
        if event.value not in kept:
            one = msgspec.json.decode(event.value, type=_Identity)
            sent.add((one.source, one.id))
    stored = {(line["source"], line["id"]) for line in ledger(database)}
    yield from (f"{source} {id_} is not in the ledger" for source, id_ in sorted(sent - stored))
    yield from (f"{source} {id_} was never sent" for source, id_ in sorted(stored - sent))


def _rejects(given: DemoInput, database: Database) -> Iterator[str]:
    wanted, kept = {reject.value for reject in given.rejects}, _letters(database)
    if lost := len(wanted - kept):
        yield f"{lost} of {len(wanted)} rejected rows are no dead letters"
    sent = {event.value for event in given.events}
    yield from (f"{value[:80]!r} was never sent" for value in sorted(kept - wanted - sent))


def _letters(database: Database) -> set[bytes]:
    with database.read() as connection:
        return {bytes(value or b"") for value in connection.scalars(select(DeadLetterRow.value))}


def refused_lines(database: Database) -> Iterator[str]:
    """Yield how much was refused and why, in a few lines; nothing where nothing was."""
    row, refusals = DeadLetterRow, Refusals()
    with database.read() as connection:
        for reason, detail, headers in connection.execute(
            select(row.reason, row.detail, row.headers).where(row.waits()).order_by(row.id)
        ):
            refusals.add(reason, detail, file_of(headers))
    if refusals.total:
        yield f"{refusals.total} rows were refused and kept as dead letters:"
        yield from (f"  {line}" for line in refusals.lines())


def _unscored(given: DemoInput, client: ApiClient) -> Iterator[str]:
    scored = {a["account_id"]: a for a in client.items("/v1/accounts")}
    for account in sorted({event.subject for event in given.events}):
        item = scored.get(account)
        if item is None:
            yield f"{account} is not listed"
        elif item["as_of"] is None or item["state"] is None:
            yield f"{account} has no score"


def _story_faults(
    story: Story, names: Mapping[str, str], alerts: Sequence[Mapping[str, Any]], end: datetime
) -> Iterator[str]:
    cast = {account for account, name in names.items() if name in story.accounts}
    since = end - timedelta(days=story.starts)
    mine = [alert for alert in alerts if alert["account_id"] in cast]
    if story.outcome == "alert":
        alerting = [a for a in mine if a["type"] in story.alert_types and a["state"] in WORKING]
        if not alerting:
            yield f"{', '.join(story.accounts)}: no {' or '.join(story.alert_types)} alert is open"
        return
    for alert in mine:
        opened = datetime.fromisoformat(alert["opened_at"])
        if alert["state"] in WORKING or (opened > since and alert["state"] != "suppressed"):
            name = names[alert["account_id"]]
            yield f"{name}: {alert['type']} alert {alert['state']} since {alert['opened_at']}"


def _some(found: Sequence[str]) -> str:
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return "; ".join(found[:3]) + more
