"""Whose facts an account shows: its own, and those of the accounts whose merges end in it."""

import pytest

from shared.domain.event_types import EventType

COUNTED = {"X": 1, "Y": 2, "Z": 4}


@pytest.fixture
def merged(api):
    """Make X of kam-a, Y of kam-b and Z of kam-c by whom each went into; each has its bookings."""

    def made(known, **into):
        for name, kam in zip("XYZ", ("kam-a", "kam-b", "kam-c"), strict=True):
            if name in known:
                api.make.account(name, kam=kam, merged_into=into.get(name))
                api.make.bookings(name, [COUNTED[name]], f"/tms/{name}")
                api.make.event(name, f"told-of-{name}", EventType.COMPLAINT, b"{}")

    return made


def told(client, account):
    """Return what the timeline tells of whom, and the number of bookings."""
    items = client.get(f"/v1/accounts/{account}/timeline").json()["items"]
    facts = client.get(f"/v1/accounts/{account}").json()["facts"]
    names = {one["id"].removeprefix("told-of-") for one in items if one["id"].startswith("told")}
    return names, facts["bookings_total"]


def test_a_chain_into_an_unknown_account_shows_no_kam_the_facts_of_anothers(api, merged):
    merged("XY", X="Y", Y="Z")
    assert told(api.client("kam", "kam-b"), "Y") == ({"Y"}, 2)
    assert told(api.client("kam", "kam-a"), "X") == ({"X"}, 1)


def test_a_chain_counts_at_its_end_and_nowhere_on_the_way(api, merged):
    merged("XYZ", X="Y", Y="Z")
    assert told(api.client("kam", "kam-c"), "Z") == ({"X", "Y", "Z"}, 7)
    assert told(api.client("kam", "kam-b"), "Y") == ({"Y"}, 2)


def test_what_goes_into_a_circle_counts_for_itself(api, merged):
    merged("XYZ", X="Y", Y="Z", Z="Y")
    for name, count in COUNTED.items():
        assert told(api.client(), name) == ({name}, count)


def test_a_chain_counts_at_its_end_however_long_it_is(api):
    names = [f"ACC-{at:02}" for at in range(25)]
    for name, into in zip(names, [*names[1:], None], strict=True):
        api.make.account(name, merged_into=into)
        api.make.event(name, f"told-of-{name}", EventType.COMPLAINT, b"{}")
    assert told(api.client(), names[-1])[0] == set(names)
