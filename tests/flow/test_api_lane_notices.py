"""A lane that fell for everybody is told once, in place of an alert per account."""

import re
from datetime import timedelta

from tests.support.factories import NOW

LANE = {"kind": "lane", "origin": "VNHPH", "destination": "DEHAM", "mode": "sea"}


def muted(make, alert_id, account, days, **values):
    make.alert(
        alert_id, account, type="silent_lane_loss", reason_code="silent_lane_loss", opened_at=None,
        scope=LANE, scope_key="lane:VNHPH>DEHAM:sea", pending_since=NOW - timedelta(days=days),
        **{"suppressed_reason": "market"} | values,
    )  # fmt: skip


def notices(api, role="manager", **who):
    page = api.client(role, **who).get("/").text
    return re.findall(r"<li>(VN[^<]*)<time", page)


def test_a_lane_that_fell_for_everybody_is_told_once_with_the_accounts_that_one_may_see(api):
    for account, kam in (("ACC-1", "kam-a"), ("ACC-2", "kam-a"), ("ACC-3", "kam-b")):
        api.make.account(account, kam=kam)
        muted(api.make, f"alert of {account}", account, days=5)
    muted(api.make, "over", "ACC-1", days=90, resolved_at=NOW - timedelta(days=30))
    muted(api.make, "in season", "ACC-1", days=90, suppressed_reason="season")
    assert notices(api) == ["VNHPH\u2013DEHAM (sea): 3 accounts, since "]
    assert notices(api, "kam", kam="kam-a") == ["VNHPH\u2013DEHAM (sea): 2 accounts, since "]


def test_without_such_a_lane_nothing_is_said_of_the_market(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    assert notices(api) == []
    assert "The market fell" not in api.client().get("/").text
