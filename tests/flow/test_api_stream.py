"""A thousand listeners: each hears everything once and in order, whatever the others do."""

import asyncio
import threading

import pytest
from sqlalchemy import delete

from services.api.stream import POLL_SECONDS, StreamHub
from shared.store.tables import StreamEventRow
from tests.support.sse_load import leave, listen
from tests.support.waiting import eventually

CROWD = 1000
ROUND = 40


@pytest.fixture
def told(api):
    """Publish changes as the relay does: ids from one counter, with gaps, committed one by one."""
    api.make.account("ACC-1")

    def publish(first, count, body=b'{"n": 1}'):
        ids = [first + 3 * at for at in range(count)]
        for number in ids:
            api.make.change(number, "alert", "ACC-1", body)
        return ids

    return publish


async def in_thread(work, *values):
    return await asyncio.get_running_loop().run_in_executor(None, work, *values)


async def test_each_of_a_thousand_hears_every_event_once_and_in_order(api, told):
    token = api.token("viewer")
    first = 3 * (ROUND - 1) + 1
    crowd = await listen(api.server.url, token, CROWD, until=first)

    ids = await in_thread(told, 1, ROUND)
    await asyncio.gather(*(one.done for one in crowd))
    assert {tuple(one.ids) for one in crowd} == {tuple(ids)}

    # All go, something happens meanwhile, all come back at once and go on where they were.
    await leave(crowd)
    missed = await in_thread(told, first + 3, ROUND)
    again = await listen(api.server.url, token, CROWD, until=missed[-1] + 3, last=first)
    late = await in_thread(told, missed[-1] + 3, 1)
    await asyncio.gather(*(one.done for one in again))
    assert {tuple(one.ids) for one in again} == {(*missed, *late)}

    await leave(again)
    await in_thread(eventually, lambda: api.app.state.hub.listeners == 0)


@pytest.mark.parametrize("since", [None, 200], ids=["who stays", "who comes back"])
async def test_after_a_restore_the_changes_that_follow_are_heard_by_those(since, api, told):
    token = api.token("viewer")
    before = await in_thread(told, 1, 10)
    (staying,) = await listen(api.server.url, token, 1, last=0)
    await eventually_heard(staying, before)

    await in_thread(forget_changes_after, api.database, 10)  # as an older backup has it
    await asyncio.sleep(3 * POLL_SECONDS)
    one = staying if since is None else (await listen(api.server.url, token, 1, last=since))[0]
    follow = await in_thread(told, 13, 1)

    await eventually_heard(one, [*before, *follow] if since is None else follow)
    await leave({staying, one})


async def eventually_heard(one, ids):
    await in_thread(eventually, lambda: one.ids == ids)


def forget_changes_after(database, last):
    with database.write() as connection:
        connection.execute(delete(StreamEventRow).where(StreamEventRow.id > last))


async def test_one_who_does_not_read_holds_nobody_and_catches_up(api, told):
    token = api.token("viewer")
    big = b'{"x": "' + b"x" * 20_000 + b'"}'
    last = 3 * 399 + 1
    slow, *quick = await listen(api.server.url, token, 11, until=last)
    slow.transport.pause_reading()

    ids = await in_thread(told, 1, 400, big)  # 8 MB: more than any buffer on the way
    await asyncio.gather(*(one.done for one in quick))
    assert {tuple(one.ids) for one in quick} == {tuple(ids)}
    assert len(slow.ids) < len(ids)

    slow.transport.resume_reading()
    await slow.done
    assert slow.ids == ids
    await leave([slow, *quick])


async def test_whoever_goes_leaves_nothing_behind(api, told):
    threads = threading.active_count()
    token = api.token("viewer")
    for _ in range(3):
        crowd = await listen(api.server.url, token, 50)
        reading, stuck = crowd[:25], crowd[25:]
        for one in stuck:
            one.transport.pause_reading()
        # The head of an answer comes just before its listening.
        await in_thread(eventually, lambda: api.app.state.hub.listeners == 50)
        await leave(reading + stuck)
        await in_thread(eventually, lambda: api.app.state.hub.listeners == 0)
    # The last to go may have left the poller amid a look.
    await in_thread(eventually, lambda: api.database.engine.pool.checkedout() == 0)
    assert threading.active_count() < threads + 60  # the pool of threads, not one a listener


async def test_listeners_who_come_at_the_same_moment_share_one_poller(database):
    hub = StreamHub(database)
    listeners = [hub.listen(0, pause=0.05) for _ in range(20)]
    await asyncio.gather(*(anext(one) for one in listeners))
    pollers = [task for task in asyncio.all_tasks() if "StreamHub._poll" in repr(task)]
    assert len(pollers) == 1
    hub.close()
    for one in listeners:
        await one.aclose()
    assert hub.listeners == 0
    await hub.settled()
