"""The complaints that an account shows as open are those that count in its score."""

from datetime import timedelta

import pytest

from services.signals.features.complaints import fold_complaints
from services.signals.store.facts import load_facts
from tests.support.factories import DAY, NOW

OPENED, SOLVED, ESCALATED = ({"phase": p} for p in ("opened", "solved", "escalated"))
REQUEST, CLAIM = {"phase": "opened", "kind": "request"}, {"phase": "updated", "kind": "claim"}

STORIES = [
    pytest.param([OPENED], 1, id="opened"),
    pytest.param([OPENED, SOLVED], 0, id="solved"),
    pytest.param([OPENED, SOLVED, ESCALATED], 0, id="escalated once it was solved"),
    pytest.param([OPENED, SOLVED, {"phase": "reopened"}], 1, id="reopened"),
    pytest.param([REQUEST], 0, id="a request"),
    pytest.param([REQUEST, CLAIM], 1, id="a request that became a claim"),
    pytest.param([REQUEST, CLAIM | {"kind": None}], 1, id="a kind that was taken back"),
    pytest.param([ESCALATED], 1, id="first heard of when it escalated"),
]


@pytest.mark.parametrize(("story", "count"), STORIES)
def test_the_complaints_of_an_account_are_counted_as_they_are_scored(api, story, count):
    row = api.make.account("ACC-1")
    for at, data in enumerate(story):
        time = NOW - timedelta(days=5) + timedelta(hours=at)
        api.make.evidence("ACC-1", "complaint", "T-1", data, at=time, event_id=f"e{at}")
    with api.database.read() as connection:
        facts = load_facts(connection, [row], until_day=None, as_merged=None)
    scored = fold_complaints(facts, DAY + 1)[0]
    assert sum(one.is_open and one.counts for one in scored) == count
    shown = api.client().get("/v1/accounts/ACC-1").json()["facts"]["complaints_open"]
    assert shown == count
