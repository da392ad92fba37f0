"""Dead letters of megabytes: pages and listings hold a few of them at a time."""

import base64
import tracemalloc
from contextlib import closing

import pytest

from services.cli.letters import dead_letters
from shared.store.letters import MAX_BYTES, next_letters
from shared.store.session import Database
from shared.store.tables import DeadLetterRow
from tests.support.cli import Here
from tests.support.factories import Factory

MIB = 1024 * 1024


def letters(make, *sizes):
    """Add a letter of each size, with a value of its own."""
    return [
        make.dead_letter(origin=f"http:{at}", value=bytes([65 + at]) * size)
        for at, size in enumerate(sizes)
    ]


def pages(client, **query):
    """Return the ids, page by page."""
    found, cursor = [], {}
    while cursor is not None:
        page = client.get("/v1/dead-letters", params=query | cursor).json()
        found.append([one["dead_letter_id"] for one in page["items"]])
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    return found


def test_a_page_ends_before_its_letters_grow_too_large(api):
    a, b, c, d, e = letters(api.make, MIB, 2 * MIB, 2 * MIB, 10, MAX_BYTES)
    assert pages(api.client(), limit=500) == [[a, b], [c, d], [e]]
    assert pages(api.client(), limit=1) == [[a], [b], [c], [d], [e]]
    assert pages(api.client(), limit=500, reason="not_json", pending=True)[0] == [a, b]


def test_a_letter_that_is_larger_than_a_page_may_be_is_a_page_of_its_own(api):
    small, large, last = letters(api.make, 10, MAX_BYTES + 1, 10)
    assert pages(api.client(), limit=500) == [[small], [large], [last]]
    shown = api.client().get(f"/v1/dead-letters/{large}").json()
    assert base64.b64decode(shown["value"]) == b"B" * (MAX_BYTES + 1)


def test_keys_and_headers_weigh_too(database):
    make = Factory(database)
    heavy = [["x", "A" * 3 * MIB]]
    first = make.dead_letter(value=None, headers=heavy)
    second = make.dead_letter(origin="http:2", value=None, key=b"k" * 3 * MIB)
    with database.read() as connection:
        found, more = next_letters(connection, [], 500)
        rest, last = next_letters(connection, [DeadLetterRow.id > first], 500)
    assert ([one.id for one in found], more) == ([first], True)
    assert ([one.id for one in rest], last) == ([second], False)


def test_the_commands_read_all_of_them_in_order_and_one_alone(database):
    ids = letters(Factory(database), *[3 * MIB] * 3, 10, 10)
    assert [one["dead_letter_id"] for one in dead_letters(database)] == ids
    (only,) = dead_letters(database, ids[1])
    assert base64.b64decode(only["value"]) == b"B" * 3 * MIB
    assert not list(dead_letters(database, 10**6))


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_listing_them_takes_no_more_memory_the_more_there_are(
    tmp_path, monkeypatch, capsys, sqlite_url, form
):
    with closing(Database(sqlite_url)) as database:
        letters(Factory(database), *[2 * MIB] * 20)
    monkeypatch.setenv("LEADLINE_DATABASE_URL", sqlite_url)
    here = Here(tmp_path, monkeypatch, capsys)
    tracemalloc.start()
    try:
        listed = here("dlq", "list", *form)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert listed.code == 0
    assert listed.out.count("not_json") == 20
    assert peak < 32 * MIB
