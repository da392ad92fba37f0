from itertools import accumulate

import pytest

from shared.domain.tickets import PHASES, Ticket, phase_rank


def told(*events):
    return list(accumulate(events, Ticket.after, initial=Ticket()))[-1]


def phases(*names):
    return told(*({"phase": name} for name in names))


@pytest.mark.parametrize("phase", [one for one in PHASES if one not in {"opened", "reopened"}])
def test_only_opening_it_again_opens_a_solved_ticket(phase):
    assert not phases("opened", "solved", phase).is_open
    assert phases("opened", "solved", phase, "reopened").is_open


@pytest.mark.parametrize("phase", [one for one in PHASES if one != "solved"])
def test_a_ticket_heard_of_late_is_open_unless_it_was_solved(phase):
    assert phases(phase).is_open


def test_a_request_counts_once_it_is_called_a_complaint_or_nothing():
    request = {"phase": "opened", "kind": "request"}
    assert not told(request, {"phase": "updated"}).counts
    assert told(request, {"phase": "updated", "kind": "claim"}).counts
    assert told(request, {"phase": "updated", "kind": None}).counts


def test_at_one_moment_phases_go_in_their_own_order():
    assert sorted(sorted(PHASES), key=lambda one: phase_rank({"phase": one})) == list(PHASES)
