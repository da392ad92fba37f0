"""Facts are read block by block of accounts, and come out as if they had been read at once."""

import numpy as np
import pytest

from services.signals.store import facts as store
from services.signals.store.facts import load_facts
from tests.support.factories import Factory


@pytest.fixture
def filled(database):
    factory = Factory(database)
    for name, into in (("A", None), ("B", None), ("C", "A"), ("D", None)):
        factory.account(name, merged_into=into)
    for name, months in (("A", [3, 1]), ("B", [2]), ("C", [3, 1, 4])):
        factory.bookings(name, months)
    return database, [factory.accounts[name] for name in ("D", "B", "A")]


def load(database, accounts):
    with database.read() as connection:
        return load_facts(connection, accounts, until_day=None)


@pytest.mark.parametrize("block", [1, 2, 3])
def test_blocks_of_any_size_give_the_same_facts(filled, monkeypatch, block):
    database, accounts = filled
    whole = load(database, accounts)
    monkeypatch.setattr(store, "BLOCK", block)
    parts = load(database, accounts)

    assert whole.account.tolist() == [1, 2, 2, 2, 2, 2], "C counts for A, D has nothing"
    for name in ("account", "series_id", "day", "effect_day", "event_ids", "service_events"):
        assert np.array_equal(getattr(parts, name), getattr(whole, name)), name
    for name, values in whole.sums.items():
        assert np.array_equal(parts.sums[name], values), name


def test_no_accounts_give_no_facts(filled):
    database, _ = filled
    assert load(database, []).account.size == 0
