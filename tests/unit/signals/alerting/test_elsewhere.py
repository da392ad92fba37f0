"""What a person resolved at one of two merged accounts is not asked again at the other."""

from services.signals.alerting.alert import Track
from services.signals.alerting.elsewhere import Closing, unresolved
from services.signals.alerting.fold import alert_key
from services.signals.features.facts import DAY_MICROS, EventRef
from tests.support.alerting import finding

TICKET = finding("complaint", scope_key="ticket:T1")
KEY = alert_key(TICKET)
NOW = 20_000 * DAY_MICROS


def asked(given, *, days_ago=1):
    """Return whether the finding is still asked, resolved elsewhere so many days ago."""
    closing = Closing(KEY, NOW - round(days_ago * DAY_MICROS), frozenset(TICKET.events))
    return unresolved({alert_key(given): given}, Track(), [closing], NOW) != {}


def test_the_same_condition_is_not_asked_for_14_days():
    assert not asked(TICKET)
    assert not asked(TICKET, days_ago=13.9)
    assert asked(TICKET, days_ago=14)


def test_another_ticket_is():
    assert asked(finding("complaint", scope_key="ticket:T2"))


def test_so_is_the_same_one_by_a_new_event():
    both = (*TICKET.events, EventRef("/crm", "reopened"))
    assert asked(finding("complaint", scope_key="ticket:T1", events=both))


def test_what_is_resolved_later_does_not_count_yet():
    assert asked(TICKET, days_ago=-1)
