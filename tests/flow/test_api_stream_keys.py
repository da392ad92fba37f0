"""A stream lasts as long as the key that it was opened with, and no longer than a look ago."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, update

from services.api.access import REMEMBERED
from services.api.keys import list_keys, revoke_key
from shared.store.tables import ApiKeyRow
from tests.support.sse_load import leave, listen
from tests.support.waiting import eventually


@pytest.fixture
def told(api):
    """Publish one change as the relay does."""
    for kam in ("kam-a", "kam-b"):
        api.make.account(f"ACC-{kam}", kam=kam)

    async def publish(number, kam="kam-a"):
        await asyncio.to_thread(api.make.change, number, "alert", f"ACC-{kam}")

    return publish


def revoked(api):
    (key,) = list_keys(api.database)
    assert revoke_key(api.database, api.clock, key.key_id)


def expired(api):
    api.clock.at += timedelta(days=366)


def another_kams(api):
    with api.database.write() as connection:
        connection.execute(update(ApiKeyRow).values(kam_id="kam-b"))


def of_another_role(api):
    with api.database.write() as connection:
        connection.execute(update(ApiKeyRow).values(role="service", kam_id=None))


@pytest.mark.parametrize("by_cookie", [False, True], ids=["by header", "by cookie"])
@pytest.mark.parametrize("ended", [revoked, expired, another_kams, of_another_role])
async def test_a_stream_ends_with_its_key_before_another_change_goes_out(
    api, told, ended, by_cookie
):
    (one,) = await listen(api.server.url, api.token("kam", "kam-a"), 1, by_cookie=by_cookie)
    await told(1)
    await asyncio.to_thread(eventually, lambda: one.ids == [1])
    ended(api)
    api.clock.passed += REMEMBERED.total_seconds()
    await told(2)
    await asyncio.wait_for(one.done, 5)
    assert one.ids == [1]
    await leave([one])


async def test_it_ends_though_nothing_goes_out(api, told):
    (one,) = await listen(api.server.url, api.token("kam", "kam-a"), 1)
    revoked(api)
    api.clock.passed += REMEMBERED.total_seconds()
    for number in range(1, 9):
        await told(number, "kam-b")
    await asyncio.wait_for(one.done, 10)
    assert one.ids == []
    await leave([one])


async def test_a_crowd_with_one_key_asks_the_database_for_it_once(api, told):
    token, asked = api.token("viewer"), []
    crowd = await listen(api.server.url, token, 100, until=6)
    event.listen(
        api.database.engine,
        "before_cursor_execute",
        lambda *given: "token_hash" in given[2] and asked.append(given[2]),
    )
    for number in range(1, 6):
        await told(number)
    await asyncio.to_thread(eventually, lambda: all(len(one.ids) == 5 for one in crowd))
    assert asked == []
    api.clock.passed += REMEMBERED.total_seconds()
    await told(6)
    await asyncio.gather(*(one.done for one in crowd))
    assert {tuple(one.ids) for one in crowd} == {(1, 2, 3, 4, 5, 6)}
    assert len(asked) == 1
    await leave(crowd)
