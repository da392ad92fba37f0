"""The relay between outbox, broker and stream: repeats, faults, and that it never gives up."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import InterfaceError, OperationalError, ResourceClosedError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from structlog.testing import capture_logs

from services.signals import outbox
from services.signals.outbox import Relay
from shared.store.session import Database
from shared.store.tables import SignalOutboxRow
from tests.support.factory import FakeClock

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOPIC = "leadline.alert.v1"


class Broker:
    """Acknowledges what it is given."""

    def __init__(self):
        self.taken = []

    async def publish(self, messages):
        self.taken += [message.value for message in messages]


@pytest.fixture
def sqlite_database(sqlite_url):
    database = Database(sqlite_url)
    yield database
    database.close()


def tell(database, *names):
    """Put events in the outbox; the body says which."""
    with database.write() as connection:
        connection.execute(
            insert(SignalOutboxRow),
            [
                {"event_id": name, "kind": "alert", "topic": TOPIC, "key": "ACC-1",
                 "body": name.encode(), "created_at": NOW}
                for name in names
            ],
        )  # fmt: skip


def column(database, statement):
    with database.read() as connection:
        return list(connection.execute(text(statement)).scalars())


def relay_all(relay):
    async def run():
        while await relay.relay_once():
            pass

    asyncio.run(run())


STREAM = "SELECT event_id FROM stream_event ORDER BY id"
OUTBOX = "SELECT event_id FROM signal_outbox ORDER BY id"


@pytest.mark.parametrize("with_broker", [True, False])
def test_an_event_told_again_goes_out_once_and_holds_nothing_up(database, with_broker):
    broker = Broker() if with_broker else None
    relay = Relay(database, FakeClock(NOW), broker)
    tell(database, "one", "two")
    relay_all(relay)

    tell(database, "three", "two", "four", "one")
    with capture_logs() as said:
        relay_all(relay)

    assert column(database, OUTBOX) == []
    assert column(database, STREAM) == ["one", "two", "three", "four"]
    assert column(database, "SELECT id FROM stream_event ORDER BY id") == [1, 2, 3, 4]
    if broker is not None:
        assert broker.taken == [b"one", b"two", b"three", b"four"]
    (line,) = [line for line in said if "again" in line["event"]]
    assert line["events"] == 2


def test_a_chunk_of_repeats_alone_goes_away(database):
    relay = Relay(database, FakeClock(NOW), Broker())
    tell(database, "one")
    relay_all(relay)
    tell(database, "one")
    relay_all(relay)
    assert column(database, OUTBOX) == []
    assert column(database, STREAM) == ["one"]


def test_what_another_relay_put_in_the_stream_meanwhile_is_not_put_there_again(database):
    class SlowBroker(Broker):
        """Acknowledges after somebody else has relayed the same events."""

        async def publish(self, messages):
            await super().publish(messages)
            if len(self.taken) == len(messages):
                other._store(rows_of(database))

    other = Relay(database, FakeClock(NOW), None)
    tell(database, "one", "two")
    relay_all(Relay(database, FakeClock(NOW), SlowBroker()))
    assert column(database, STREAM) == ["one", "two"]
    assert column(database, OUTBOX) == []


def rows_of(database):
    with database.read() as connection:
        return outbox.waiting(connection, 10)


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("SELECT", {}, Exception("server closed the connection")),
        InterfaceError("SELECT", {}, Exception("connection already closed")),
        PoolTimeoutError("QueuePool limit reached"),
        ResourceClosedError("this connection is closed"),
        OSError("no route to host"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_the_loop_outlives_any_fault_of_the_database(sqlite_database, monkeypatch, fault):
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.0)
    stop = asyncio.Event()

    class Failing(Relay):
        """Fails three times, then relays, then ends the test."""

        turns = 0

        async def relay_once(self):
            self.turns += 1
            if self.turns <= 3:
                raise fault
            if not (moved := await super().relay_once()):
                stop.set()
            return moved

    tell(sqlite_database, "one")
    with capture_logs() as said:
        asyncio.run(Failing(sqlite_database, FakeClock(NOW), Broker()).run(stop))
    assert column(sqlite_database, STREAM) == ["one"]
    assert sum(line["log_level"] == "warning" for line in said) == 3


def test_a_fault_while_forgetting_old_events_ends_nothing(sqlite_database, monkeypatch):
    monkeypatch.setattr(outbox, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(outbox, "IDLE_SECONDS", 0.0)
    clock, stop = FakeClock(NOW), asyncio.Event()
    faults = iter([PoolTimeoutError("QueuePool limit reached")])

    def prune(connection, now):
        if (fault := next(faults, None)) is not None:
            raise fault
        stop.set()

    monkeypatch.setattr(outbox, "prune", prune)
    clock.at += timedelta(days=1)
    asyncio.run(Relay(sqlite_database, clock, None).run(stop))
    assert stop.is_set()
