"""Accounts are listed in the order of their ids' bytes, and that is the order of an index."""

import pytest
from sqlalchemy import event, text

from services.api.paging import Page, make_cursor
from services.api.principal import Principal
from services.api.queries.accounts import AccountFilter, account_page
from shared.domain.rates import Rates
from shared.store.session import Database
from tests.support.factories import NOW, Factory

MANAGER, WORTH = Principal("key", "manager"), Rates("USD").at(NOW)
NAMES = ["Z-1", "a-1", "A-1", "_x", "Ä-1"]


@pytest.mark.parametrize("sort", ["id", "-id"])
def test_pages_follow_the_bytes_of_the_ids_whatever_the_locale(database, sort):
    factory = Factory(database)
    for name in NAMES:
        factory.account(name)
    found, cursor = [], None
    with database.read() as connection:
        while cursor or not found:
            page = account_page(
                connection, MANAGER, AccountFilter(sort=sort), Page(2, cursor), WORTH
            )
            found += [one["account_id"] for one in page["items"]]
            cursor = page["next_cursor"]

    assert found == sorted(NAMES, key=str.encode, reverse=sort == "-id")


@pytest.mark.postgres
def test_a_page_is_read_along_the_index(postgres_url):
    database, asked = Database(postgres_url), []
    event.listen(database.engine, "before_cursor_execute", lambda *given: asked.append(given[2:4]))
    cursor = make_cursor(AccountFilter().question, "A-1", "A-1")
    with database.read() as connection:
        connection.execute(text("SET LOCAL enable_sort = off"))
        account_page(connection, MANAGER, AccountFilter(), Page(2, cursor), WORTH)
        statement, values = asked[-1]
        plan = "".join(connection.exec_driver_sql(f"EXPLAIN {statement}", values).scalars())
    database.close()

    assert "Sort" not in plan
    assert "Index Cond: ((account_id)::text > 'A-1'" in plan
