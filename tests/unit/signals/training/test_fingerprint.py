from dataclasses import replace

import numpy as np

from services.signals.training.fingerprint import account_marks, fingerprint, is_same, overlap
from services.signals.training.population import booking_facts


def population(seed, accounts=900, days=1500, name="A"):
    """Return facts of accounts that book about monthly, each from a day of its own."""
    rng = np.random.default_rng(seed)
    account = np.repeat(np.arange(accounts), 12)
    start = np.repeat(rng.integers(0, days, accounts), 12)
    gaps = rng.integers(1, 60, (accounts, 12)).cumsum(axis=1).ravel()
    day = 16_000 + start + gaps
    names = tuple(f"{name}{one}" for one in range(accounts))
    return booking_facts(names, account, day, np.ones(day.size))


def monthly(name):
    """Return facts of 50 accounts that all book on the 15th of ten months."""
    days = np.arange("2020-01", "2020-11", dtype="datetime64[M]").astype("datetime64[D]") + 14
    account, day = np.repeat(np.arange(50), days.size), np.tile(days.astype(np.int64), 50)
    names = tuple(f"{name}{one}" for one in range(50))
    return booking_facts(names, account, day, np.ones(day.size))


def only(facts, rows):
    """Return the facts with some of the booking rows."""
    return replace(
        facts,
        account=facts.account[rows],
        series_id=facts.series_id[rows],
        day=facts.day[rows],
        effect_day=facts.effect_day[rows],
        sums={name: values[rows] for name, values in facts.sums.items()},
        event_ids=facts.event_ids[rows],
    )


def test_a_population_knows_itself_and_no_other():
    mine, other = population(1), population(2)
    assert overlap(fingerprint(mine), account_marks(mine)) == 1.0
    assert overlap(fingerprint(mine), account_marks(other)) < 0.05


def test_later_events_and_other_names_do_not_hide_it():
    whole = population(1)
    assert overlap(fingerprint(whole), account_marks(only(whole, whole.day < 17_000))) > 0.9
    renamed = replace(whole, account_ids=tuple(reversed(whole.account_ids)))
    assert overlap(fingerprint(whole), account_marks(renamed)) == 1.0


def test_a_part_is_recognised_and_so_is_what_contains_it():
    whole = population(1)
    part = only(whole, whole.account < 90)
    assert is_same(fingerprint(whole), part)
    assert is_same(fingerprint(part), whole)


def test_equal_calendars_of_other_accounts_are_another_population():
    mine, other = monthly("A"), monthly("B")
    assert is_same(fingerprint(mine), mine)
    assert not is_same(fingerprint(mine), other)


def test_nobody_has_no_marks_and_is_like_nobody():
    nobody = only(population(1), np.zeros(900 * 12, dtype=bool))
    assert fingerprint(nobody) == []
    assert not is_same([], population(1))
    assert not is_same(fingerprint(population(1)), nobody)
