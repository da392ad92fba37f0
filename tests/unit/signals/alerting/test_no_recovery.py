import pytest

from services.signals.alerting.detectors.no_recovery import RecoveryWatch
from shared.domain.sentences import knows
from tests.support.facts import booking_row, facts_of, told, weekly

DAY = 20_000
OPENED, SOLVED = DAY - 30, DAY - 25


def ticket(ref="T1", severity=1, opened=OPENED, solved=SOLVED, **data):
    found = [told(0, "complaint", ref, opened, phase="opened", severity=severity, **data)]
    if solved is not None:
        found.append(told(0, "complaint", ref, solved, phase="solved"))
    return found


def found(rows, evidence, day=DAY):
    return RecoveryWatch(facts_of(["A"], rows, evidence=evidence)).findings(day)


STOPPED = weekly(0, last=OPENED - 1, count=60)


def test_who_does_not_come_back_within_three_own_cycles_after_a_severe_complaint_is_told():
    (one,) = found(STOPPED, ticket())
    assert one.type == one.reason == "no_recovery"
    assert "bookings did not come back: 0 booking days in 21 days, before it 1 a week" in one.text
    assert knows(one.text)
    assert [event.id.split("-")[1] for event in one.events] == ["solved"]


def test_it_is_asked_only_once_the_cycles_are_over():
    assert found(STOPPED, ticket(), SOLVED + 21) == []
    assert found(STOPPED, ticket(), SOLVED + 22)


def test_who_came_back_to_the_earlier_rate_recovered():
    back = [booking_row(0, SOLVED + 4 + 7 * at) for at in range(3)]
    assert found(STOPPED + back, ticket()) == []


def test_a_request_turned_down_or_a_booking_taken_back_is_no_recovery():
    gone = [
        booking_row(0, SOLVED + 4),
        booking_row(0, SOLVED + 4, effect=SOLVED + 6, demand=-1, business=-1),
        booking_row(0, SOLVED + 9, business=0, rejected=1),
    ]
    assert found(STOPPED + gone, ticket())


@pytest.mark.parametrize(
    "evidence",
    [
        ticket(severity=3),
        ticket(solved=None),
        ticket(kind="request"),
        [*ticket(), told(0, "complaint", "T1", DAY - 2, phase="reopened")],
    ],
    ids=["not severe", "not solved", "no complaint", "reopened"],
)
def test_only_what_was_severe_and_stands_solved_is_asked_of(evidence):
    assert found(STOPPED, evidence) == []


def test_three_complaints_in_a_quarter_are_as_severe():
    three = [*ticket("T1", 3), *ticket("T2", 3, OPENED - 40), *ticket("T3", 3, OPENED - 80)]
    assert found(STOPPED, three)
    assert found(STOPPED, three[:4]) == []


def test_a_rhythm_that_is_not_known_cannot_be_missed():
    assert found(weekly(0, last=OPENED - 1, count=7), ticket()) == []


def test_slow_rhythms_get_their_own_time():
    rare = weekly(0, last=OPENED - 1, count=12, gap=30)
    assert found(rare, ticket(), SOLVED + 80) == []
    assert found(rare, ticket(), SOLVED + 95)


def test_half_a_year_later_it_is_no_longer_about_the_complaint():
    assert found(STOPPED, ticket(), SOLVED + 180)
    assert found(STOPPED, ticket(), SOLVED + 190) == []
