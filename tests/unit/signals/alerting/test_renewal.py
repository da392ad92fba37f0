from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.signals.alerting.detectors.renewal import renewal_spells
from services.signals.alerting.detectors.spells import Spells
from services.signals.features.facts import DAY_MICROS
from shared.domain.sentences import knows
from tests.support.alerting import Days, score
from tests.support.facts import facts_of, told

DAY = 20_000
RENEWAL = DAY + 300


def day_of(day):
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()


def master(at, renewal, **data):
    given = {"renewal_date": None if renewal is None else day_of(renewal), **data}
    return told(0, "account", "", at, **given)


def asked(*events, merged=None):
    facts = facts_of(["A"], [], evidence=events)
    if merged is not None:
        facts = replace(facts, merged={0: merged * DAY_MICROS})
    return Spells(renewal_spells(facts))


def reasons(spells, day):
    return [one.reason for one in spells.as_of(day)]


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [
        (180, None),
        (179, "gate_180"),
        (91, "gate_180"),
        (89, "gate_90"),
        (-29, "gate_90"),
        (-31, None),
    ],
)
def test_a_renewal_is_prepared_from_half_a_year_before_and_decided_from_a_quarter(ahead, reason):
    found = reasons(asked(master(DAY, RENEWAL)), RENEWAL - ahead)
    assert reason in found if reason else found == []


@pytest.mark.parametrize(("known", "gate"), [(130, 180), (100, 120), (70, 90), (50, 60), (10, 30)])
def test_a_date_that_becomes_known_late_enters_at_the_last_gate_it_passed(known, gate):
    spells = asked(master(RENEWAL - known, RENEWAL))
    assert reasons(spells, RENEWAL - known + 1) == [f"gate_{gate}"]
    assert reasons(spells, RENEWAL - known) == []


def test_the_text_names_the_date_and_the_stage_in_three_languages():
    spells = asked(master(DAY, RENEWAL))
    early, late = (spells.as_of(RENEWAL - ahead)[0] for ahead in (150, 50))
    assert early.text == "Renewal on 31 Jul 2025: time to prepare it"
    assert late.text == "Renewal on 31 Jul 2025: time to decide it"
    assert knows(early.text)
    assert knows(late.text)


def test_a_date_that_moves_ends_its_stage_and_says_so():
    spells = asked(master(DAY, RENEWAL), master(RENEWAL - 20, RENEWAL + 365))
    assert reasons(spells, RENEWAL - 19) == []
    (over,) = [one for one in spells.over((RENEWAL - 10) * DAY_MICROS, {0}) if one.over]
    assert (
        over.text == "Renewal on 31 Jul 2025: time to decide it; the renewal is on 31 Jul 2026 now"
    )
    assert knows(over.text)
    assert len(over.events) == 2


@pytest.mark.parametrize("status", ["prospect", "closed", "merged"])
def test_who_is_no_customer_has_no_renewal(status):
    spells = asked(master(DAY, RENEWAL), master(RENEWAL - 100, RENEWAL, status=status))
    assert reasons(spells, RENEWAL - 120) == ["gate_180"]
    assert reasons(spells, RENEWAL - 80) == []


def test_an_account_that_went_into_another_has_no_renewal_of_its_own():
    spells = asked(master(DAY, RENEWAL), merged=RENEWAL - 100)
    assert reasons(spells, RENEWAL - 120) == ["gate_180"]
    assert reasons(spells, RENEWAL - 80) == []


def test_events_without_a_date_leave_it_and_null_takes_it_back():
    kept = told(0, "account", "", DAY + 5, name="A")
    assert reasons(asked(master(DAY, RENEWAL), kept), RENEWAL - 80) == ["gate_90"]
    assert reasons(asked(master(DAY, RENEWAL), master(DAY + 5, None)), RENEWAL - 80) == []


def test_the_alert_of_a_stage_ends_as_explained_and_the_next_one_begins():
    spells, days = asked(master(DAY, RENEWAL)), Days(start=RENEWAL - 105)
    for _ in range(40):
        days.evaluate(score(10.0), *spells.as_of(days.day + 1))
    opened = [
        (day - RENEWAL, one.alert.reason_code) for day, one in days.told if one.kind == "opened"
    ]
    ended = [one.alert.outcome for _, one in days.told if one.kind == "resolved"]
    assert opened == [(-103, "gate_180"), (-88, "gate_90")]
    assert ended == ["explained_change"]
