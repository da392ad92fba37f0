"""Readings are shared by those who wait and kept while nothing changes, never older than asked."""

import asyncio
import threading
from datetime import timedelta

from services.api.shared_reads import KEPT, MAX_KEPT, Lasting, SharedReads
from tests.support.factories import FixedClock


def asked(database, work, **options):
    """Run `work` with shared reads of the database and a clock to set."""

    async def run():
        clock = FixedClock()
        reads = SharedReads(database, clock, **options)
        try:
            return await work(reads, clock)
        finally:
            reads.close()

    return asyncio.run(run())


def counting(lasting=timedelta.max):
    """Return a reading that finds how many times it has read."""
    readings = []

    def reading(_connection):
        readings.append(None)
        return Lasting(len(readings), lasting)

    return reading


def commit_act(database):
    with database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO alert_action (alert_id, kind, actor, at) VALUES ('a1', 'resolve', 'k', 0)"
        )


def test_those_who_wait_share_one_reading(database):
    begun, gate, reading = threading.Event(), threading.Event(), counting()

    def slow(_connection):
        begun.set()
        gate.wait(10)
        return Lasting("slow")

    async def work(reads, _clock):
        busy = asyncio.create_task(reads.ask("slow", slow))
        await asyncio.to_thread(begun.wait, 10)
        waiting = [asyncio.create_task(reads.ask("x", reading)) for _ in range(9)]
        await asyncio.sleep(0)
        waiting[3].cancel()  # one who goes away takes nothing from the others
        gate.set()
        return await busy, await asyncio.gather(*waiting, return_exceptions=True)

    busy, found = asked(database, work, threads=1)
    assert busy == "slow"
    assert isinstance(found.pop(3), asyncio.CancelledError)
    assert found == [1] * 8


def test_one_who_comes_after_a_commit_gets_no_reading_that_began_before_it(database):
    begun, gate, reading = threading.Event(), threading.Event(), counting()

    def slow(connection):
        found = reading(connection)
        begun.set()
        gate.wait(10)
        return found

    async def work(reads, _clock):
        first = asyncio.create_task(reads.ask("x", slow))
        await asyncio.to_thread(begun.wait, 10)
        await asyncio.to_thread(commit_act, database)
        late = await reads.ask("x", reading)
        gate.set()
        return await first, late, await reads.ask("x", reading)

    first, late, after = asked(database, work)
    assert (first, late) == (1, 2)
    assert after in {2, 3}  # what `first` found was never kept for one who comes now


def test_an_answer_is_kept_until_something_of_alerts_is_committed(database):
    reading, other = counting(), counting()

    async def work(reads, _clock):
        found = [await reads.ask("x", reading) for _ in range(3)]
        commit_act(database)
        found += [await reads.ask("x", reading) for _ in range(2)]
        return found, await reads.ask("y", other)

    assert asked(database, work) == ([1, 1, 1, 2, 2], 1)


def test_an_answer_is_kept_no_longer_than_it_lasts_by_time(database):
    brief, long = counting(timedelta(seconds=2)), counting()

    async def work(reads, clock):
        found = []
        for seconds in (0, 1.9, 0.1, KEPT.total_seconds() - 2.1, 0.1):
            clock.at += timedelta(seconds=seconds)
            found.append((await reads.ask("brief", brief), await reads.ask("long", long)))
        clock.at -= timedelta(seconds=60)  # a clock that was put back
        return found, await reads.ask("long", long)

    found = [(1, 1), (1, 1), (2, 1), (3, 1), (3, 2)]
    assert asked(database, work) == (found, 3)


def test_few_answers_are_kept(database):
    readings = {at: counting() for at in range(MAX_KEPT + 1)}

    async def work(reads, _clock):
        for what, reading in readings.items():
            await reads.ask(what, reading)
        return await reads.ask(MAX_KEPT, readings[MAX_KEPT]), await reads.ask(0, readings[0])

    assert asked(database, work) == (1, 2)


def test_a_failed_reading_fails_for_all_who_shared_it_only(database):
    def failing(_connection):
        raise LookupError

    async def work(reads, _clock):
        failed = await asyncio.gather(
            *(reads.ask("x", failing) for _ in range(2)), return_exceptions=True
        )
        return failed, await reads.ask("x", lambda _connection: Lasting("well"))

    failed, after = asked(database, work)
    assert [type(one) for one in failed] == [LookupError] * 2
    assert after == "well"


def test_a_look_that_fails_fails_for_all_who_shared_it_only(database, monkeypatch):
    async def work(reads, _clock):
        with monkeypatch.context() as patch:
            patch.setattr(database.reading, "connect", None)
            failed = await asyncio.gather(
                *(reads.ask("x", counting()) for _ in range(2)), return_exceptions=True
            )
        return failed, await reads.ask("x", counting())

    failed, after = asked(database, work)
    assert [type(one) for one in failed] == [TypeError] * 2
    assert after == 1
