import pytest

from services.signals.alerting.account import AccountViews
from services.signals.alerting.detectors.coverage_gap import CoverageWatch
from shared.domain.sentences import knows
from tests.support.facts import facts_of, told

DAY = 20_000


def found(*evidence, tier="A", day=DAY):
    master = told(0, "account", "", DAY - 900, tier=tier)
    facts = facts_of(["A"], [], evidence=[master, *evidence])
    return CoverageWatch(facts, AccountViews(facts)).findings(day)


def person(ref, change, ago, **data):
    return told(0, "contact_change", ref, DAY - ago, change=change, **data)


STAYS = person("P1", "joined", 800)
LEFT = [person("P2", "joined", 700), person("P2", "left", 200)]


def test_a_key_account_with_one_contact_for_half_a_year_has_a_gap():
    (one,) = found(STAYS, *LEFT)
    assert (one.type, one.reason) == ("stakeholder", "coverage_gap")
    assert one.text.startswith("One contact only since")
    assert knows(one.text)
    assert one.events


@pytest.mark.parametrize("change", ["left", "unreachable", "merged", "erased"])
def test_whoever_is_no_longer_there_counts_from_then_on(change):
    gone = [person("P2", "joined", 700), person("P2", change, 179)]
    assert found(STAYS, *gone) == []
    assert found(STAYS, *gone, day=DAY + 2)


def test_a_second_person_closes_it():
    assert found(STAYS, *LEFT, person("P3", "joined", 5)) == []


def test_one_contact_who_was_always_alone_is_a_gap_too_but_nobody_is_none():
    assert found(STAYS)
    assert found(STAYS, person("P1", "left", 200)) == []


def test_smaller_accounts_may_well_have_one_person():
    assert found(STAYS, *LEFT, tier="C") == []
