from itertools import permutations

from services.signals.features.complaints import ComplaintBook, fold_complaints
from tests.support.facts import facts_of, told

DAY = 20_000


def ticket(*events):
    return facts_of(
        ["A"], [], evidence=[told(0, "complaint", "crm/T1", day, **data) for day, data in events]
    )


STORY = [
    (DAY - 9, {"phase": "opened", "severity": 3, "category": "late", "kind": "complaint"}),
    (DAY - 7, {"phase": "escalated", "severity": 1}),
    (DAY - 5, {"phase": "solved", "csat": 2}),
    (DAY - 3, {"phase": "reopened", "csat": None}),
    (DAY + 1, {"phase": "solved"}),
]


def test_each_field_has_the_value_of_its_latest_event_and_null_clears():
    (one,) = fold_complaints(ticket(*STORY), DAY)[0]
    assert (one.severity, one.category, one.csat) == (1, "late", None)
    assert one.is_open
    assert one.is_severe
    assert len(one.events) == 4


def test_a_ticket_is_what_was_known_of_it_on_the_day():
    book = ComplaintBook(ticket(*STORY))
    assert [book.as_of(0, day)[0].is_open for day in (DAY - 8, DAY - 4, DAY, DAY + 2)] == [
        True,
        False,
        True,
        False,
    ]
    assert book.as_of(0, DAY - 9) == ()


def test_the_fold_does_not_depend_on_the_order_of_arrival():
    stories = {fold_complaints(ticket(*order), DAY)[0] for order in permutations(STORY[:4])}
    assert len(stories) == 1


def test_at_the_same_moment_phases_go_in_their_own_order():
    at_once = [(DAY - 1, {"phase": "reopened"}), (DAY - 1, {"phase": "solved"})]
    assert fold_complaints(ticket(*at_once), DAY)[0][0].is_open


def test_a_ticket_seen_late_was_opened_by_its_first_event():
    (one,) = fold_complaints(ticket((DAY - 4, {"phase": "updated", "severity": 2})), DAY)[0]
    assert one.is_open
    assert one.counts


def test_a_ticket_keeps_its_name_whatever_slashes_are_in_it():
    opened = {"phase": "opened", "ticket_ref": "HPH/2026/17"}
    facts = facts_of(
        ["A"], [], evidence=[told(0, "complaint", "/crm/HPH/2026/17", DAY - 2, **opened)]
    )
    assert fold_complaints(facts, DAY)[0][0].name == "HPH/2026/17"
