"""A file has no silence of its own: where facts came by file alone and are old, that is said."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from services.api.ui.locales import LANGUAGES
from shared.domain.event_types import EventType
from shared.store.tables import FeedAccountRow, FeedRow
from tests.support.api import running_api
from tests.support.factories import NOW

OLD, FRESH = NOW - timedelta(days=8), NOW - timedelta(days=6)
BOOKING = int(EventType.BOOKING)


def feed(api, uri, account, last, *, streamed=0):
    """A source that told of one account's bookings, by file unless `streamed`."""
    source = api.make.source(uri)
    api.make.add(
        FeedRow, source_id=source, type_id=BOOKING, streamed_total=streamed,
        imported_total=10, first_event_at=last, last_event_at=last,
    )  # fmt: skip
    row = api.make.accounts[account]
    api.make.add(FeedAccountRow, source_id=source, type_id=BOOKING, account_id=row)


@pytest.fixture
def filled(api):
    for name in ("FILE", "STREAM"):
        api.make.account(name)
        api.make.score(name)
    feed(api, "/export", "FILE", OLD)
    return api


def pages(api):
    admin = api.client()
    said = []
    for path in ("/", "/accounts/FILE", "/accounts/STREAM"):
        page = admin.get(path, headers={"accept": "text/html"})
        assert page.status_code == 200
        said.append("Data from a file, up to" in page.text)
    return said


def stale(api, name="FILE"):
    found = api.client().get(f"/v1/accounts/{name}").json()["stale_import"]
    return found and datetime.fromisoformat(found)


def test_old_files_alone_are_named_on_the_pages_and_in_the_status(filled):
    assert stale(filled) == OLD
    assert datetime.fromisoformat(filled.client().get("/v1/status").json()["stale_import"]) == OLD
    assert filled.client().get("/v1/sources").json()["items"][0]["imported"] is True
    assert pages(filled) == [True, True, False]


@pytest.mark.parametrize("path", ["/", "/accounts/FILE"])
@pytest.mark.parametrize("language", ["en", "vi", "pt"])
def test_only_who_runs_the_product_is_told_of_commands_and_settings(filled, path, language):
    headers = {"accept": "text/html", "accept-language": language}
    pages = {
        role: filled.client(role, kam).get(path, headers=headers).text
        for role, kam in (("admin", None), ("manager", None), ("kam", "kam-a"), ("viewer", None))
    }
    told = {role for role, page in pages.items() if "--as-of" in page or "LEADLINE_" in page}
    assert told == {"admin"}
    why = LANGUAGES[language]["stale_import_why"]
    assert all(why in page for page in pages.values())


def test_a_fresh_file_is_not_named(filled):
    with filled.database.write() as connection:
        connection.execute(update(FeedRow).values(last_event_at=FRESH))
    assert stale(filled) is None
    assert pages(filled) == [False, False, False]


def test_a_source_that_streams_has_a_silence_of_its_own(filled):
    feed(filled, "/stream", "STREAM", OLD, streamed=3)
    assert (stale(filled), stale(filled, "STREAM")) == (OLD, None)
    assert filled.client().get("/v1/status").json()["stale_import"] is None
    assert pages(filled) == [False, True, False]


def test_on_the_event_clock_time_ends_with_the_facts(database_url):
    with running_api(database_url, clock="event") as api:
        api.make.account("FILE")
        feed(api, "/export", "FILE", datetime(2024, 1, 1, tzinfo=UTC))
        assert stale(api) is None
        assert api.client().get("/v1/status").json()["stale_import"] is None
