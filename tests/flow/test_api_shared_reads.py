"""Readings are shared by those who wait, and never older than the question."""

import asyncio
import threading

from services.api.shared_reads import SharedReads


def test_those_who_wait_share_one_reading_and_the_next_gets_its_own(database):
    begun, gate, readings = threading.Event(), threading.Event(), []

    def slow(_connection):
        begun.set()
        gate.wait(10)
        return "slow"

    def reading(_connection):
        readings.append(None)
        return len(readings)

    async def asked():
        reads = SharedReads(database, threads=1)
        try:
            busy = asyncio.create_task(reads.ask("slow", slow))
            await asyncio.to_thread(begun.wait, 10)
            late = asyncio.create_task(reads.ask("slow", reading))  # came after that one began
            waiting = [asyncio.create_task(reads.ask("x", reading)) for _ in range(9)]
            await asyncio.sleep(0)
            waiting[3].cancel()  # one who goes away takes nothing from the others
            gate.set()
            found = await asyncio.gather(*waiting, return_exceptions=True)
            return await busy, await late, found, await reads.ask("x", reading)
        finally:
            reads.close()

    busy, late, found, after = asyncio.run(asked())
    assert (busy, late, after) == ("slow", 1, 3)
    assert isinstance(found.pop(3), asyncio.CancelledError)
    assert found == [2] * 8


def test_a_failed_reading_fails_for_all_who_shared_it_only(database):
    def failing(_connection):
        raise LookupError

    async def asked():
        reads = SharedReads(database)
        try:
            failed = await asyncio.gather(
                *(reads.ask("x", failing) for _ in range(2)), return_exceptions=True
            )
            return failed, await reads.ask("x", lambda _connection: "well")
        finally:
            reads.close()

    failed, after = asyncio.run(asked())
    assert [type(one) for one in failed] == [LookupError] * 2
    assert after == "well"
