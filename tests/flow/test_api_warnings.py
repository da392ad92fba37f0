"""`GET /v1/warning-performance`: the product beside chance and recency, own accounts only."""

from datetime import timedelta

import pytest

from tests.support.factories import DAY, NOW


def asked(client, **params):
    answer = client.get("/v1/warning-performance", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def api(api):
    api.make.account("ACC-1", kam="kam-a")
    api.make.account("ACC-2", kam="kam-b")
    api.make.warning("ACC-1", alert_id="a-1", warned_day=DAY - 161, recency_day=DAY - 75)
    api.make.warning("ACC-2")
    api.make.warning("ACC-2", outcome="saved", alert_id="a-2", warned_day=DAY - 30,
                     obvious_day=DAY - 9, last_booking_day=DAY - 5)  # fmt: skip
    return api


def test_a_missed_loss_counts_as_zero_beside_chance_and_recency(api):
    found = asked(api.client("viewer"))
    ours, chance, recency = found["methods"]
    assert [one["method"] for one in found["methods"]] == ["leadline", "random", "recency"]
    assert (ours["lost"], ours["caught"], ours["caught_before_last_booking"]) == (2, 1, 1)
    assert ours["months_to_last_booking"] == pytest.approx(61 / 2 / 30.4375)
    assert (chance["caught"], chance["months_to_obvious"]) == (0, 0.0)
    assert (recency["caught"], recency["caught_before_last_booking"]) == (1, 0)
    assert found["saved"] == 1


def test_a_kam_sees_own_accounts_only(api):
    found = asked(api.client("kam", "kam-a"))
    assert [one["account_id"] for one in found["items"]] == ["ACC-1"]
    assert (found["methods"][0]["lost"], found["saved"]) == (1, 0)


def test_items_say_when_and_are_paged_and_filtered(api):
    client = api.client("manager")
    first = asked(client, limit=2)
    rest = asked(client, limit=2, cursor=first["next_cursor"])
    assert [one["outcome"] for one in first["items"] + rest["items"]] == ["lost", "lost", "saved"]
    assert rest["next_cursor"] is None
    (saved,) = asked(client, outcome="saved")["items"]
    assert (saved["account_id"], saved["alert_id"]) == ("ACC-2", "a-2")
    late = asked(client, **{"from": (NOW - timedelta(days=30)).isoformat()})
    assert [one["outcome"] for one in late["items"]] == ["saved"]
    assert late["methods"][0]["months_to_obvious"] is None
    assert asked(client, to=(NOW - timedelta(days=90)).isoformat())["items"] == []
