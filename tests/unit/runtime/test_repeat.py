import asyncio
import contextlib

from shared.runtime.repeat import repeat


def test_a_side_job_ends_when_cancelled_even_if_what_it_calls_swallows_that():
    turns = []

    async def swallow():
        turns.append(1)
        if len(turns) == 1:
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

    async def cancelled():
        job = asyncio.create_task(repeat("hint", swallow, seconds=0))
        await asyncio.sleep(0)
        job.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
        ended = job.cancelled()
        job.cancel()
        return ended

    assert asyncio.run(cancelled())
    assert turns == [1]


def test_a_side_job_that_fails_tries_again():
    turns = []

    async def fail():
        turns.append(1)
        raise OSError

    async def some_turns():
        job = asyncio.create_task(repeat("hint", fail, seconds=0))
        for _ in range(9):
            await asyncio.sleep(0)
        job.cancel()

    asyncio.run(some_turns())

    assert len(turns) > 2
