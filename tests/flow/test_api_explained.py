"""Who is on hold, out of season, done with or without a feed: said where the risk is shown."""

import re
from datetime import datetime, timedelta

import pytest

from shared.domain.event_types import EventType
from shared.store.base import to_micros
from shared.store.tables import FeedAccountRow
from tests.support.factories import NOW

HOUR = to_micros(NOW) // 3_600_000_000
HELD = NOW - timedelta(days=36)
BOOKED = "No booking for 26 days (last on 12 Feb 2026); the usual gap is 7 days"


@pytest.fixture
def explained(api):
    """Five accounts of 100 USD; only one of them may be leaving."""
    make = api.make
    for name in ("LEAVES", "HELD", "DONE", "SEASON", "NO-FEED"):
        make.account(name, annual_margin="100", currency="USD", **HOLDS.get(name, {}))
    make.score("LEAVES", 0.5)
    make.score("HELD", 0.9, band="critical")
    make.score("DONE", 0.8, band="critical")
    make.score("SEASON", 0.7)
    make.score("NO-FEED", 0.95, state="no_data", reasons=[
        {"code": "silence", "contribution": 2.0, "text": BOOKED, "event_ids": [],
         "usual_gap": "7 days"}
    ])  # fmt: skip
    make.alert("leaves", "LEAVES")
    make.alert("season", "SEASON", suppressed_reason="season", opened_at=None)
    told = [("active", None, 90), ("on_hold", "credit", 36), ("on_hold", "legal", 20)]
    for status, reason, ago in told:
        given = {"status": status, "hold_reason": reason}
        at = NOW - timedelta(days=ago)
        make.evidence("HELD", "account", "", given, at=at, event_id=f"{status}-{ago}")
    feed(make, "NO-FEED", HOUR - 10 * 24)
    return api


HOLDS = {
    "HELD": {"status": "on_hold", "hold_reason": "legal"},
    "DONE": {"status": "closed", "hold_reason": None},
}


def feed(make, account, last_hour):
    make.feed("/tms/south", EventType.BOOKING, range(last_hour - 200, last_hour + 1), accounts=0)
    make.add(
        FeedAccountRow, source_id=make.source("/tms/south"), type_id=int(EventType.BOOKING),
        account_id=make.accounts[account],
    )  # fmt: skip


def listed(client):
    return {one["account_id"]: one for one in client.get("/v1/accounts").json()["items"]}


def test_an_account_says_what_explains_its_risk_and_since_when(explained):
    client = explained.client("viewer")
    found = {name: one["explained_by"] for name, one in listed(client).items()}
    silent = datetime.fromtimestamp((HOUR - 240) * 3600, NOW.tzinfo)
    assert found == {
        "LEAVES": None,
        "HELD": {"reason": "hold", "since": iso(HELD)},  # another reason began no other hold
        "DONE": {"reason": "project_end", "since": None},
        "SEASON": {"reason": "season", "since": None},
        "NO-FEED": {"reason": "no_data", "since": iso(silent)},
    }
    assert client.get("/v1/accounts/HELD").json()["explained_by"] == found["HELD"]


def test_margin_that_nobody_is_about_to_lose_is_beside_the_total(explained):
    found = explained.client("viewer").get("/v1/margin-at-risk").json()
    assert (found["margin_at_risk"]["amount"], found["accounts"]) == ("50.00", 1)
    assert found["explained"] == {
        "margin_at_risk": {"amount": "335.00", "currency": "USD"},
        "accounts": 4,
    }


MERGED = {"status": "merged", "annual_margin": "100", "currency": "USD"}


@pytest.mark.parametrize(
    ("into", "fault"),
    [("NOBODY", "unknown_account"), ("ROUND", "circle"), (None, "no_target")],
)
def test_a_merge_with_a_fault_explains_nothing_and_the_fault_is_named(explained, into, fault):
    explained.make.account("AROUND", **MERGED, merged_into=into)
    explained.make.account("ROUND", **MERGED, merged_into="AROUND")
    explained.make.score("AROUND", 0.9, band="critical")
    client = explained.client("viewer")
    found = listed(client)["AROUND"]
    assert (found["explained_by"], found["merge_fault"]) == (None, fault)
    total = client.get("/v1/margin-at-risk").json()
    assert (total["margin_at_risk"]["amount"], total["explained"]["accounts"]) == ("140.00", 4)
    page = client.get("/").text.partition('id="all"')[2]
    assert "Merge without effect" in page.partition("AROUND")[2].partition("</tr>")[0]
    assert "raises no alert" not in client.get("/accounts/AROUND").text


def test_a_merge_that_took_effect_explains_that_there_is_no_score(explained):
    told = NOW - timedelta(days=5)
    explained.make.account("AWAY", **MERGED, merged_into="LEAVES")
    data = {"status": "merged", "merged_into": "LEAVES"}
    explained.make.evidence("AWAY", "account", "", data, at=told, event_id="merge")
    explained.make.score("AWAY", None, state="insufficient_data")
    client = explained.client("viewer")
    found = listed(client)["AWAY"]
    assert found["explained_by"] == {"reason": "merged", "since": iso(told)}
    assert found["merge_fault"] is None
    page = client.get("/").text.partition('id="all"')[2]
    assert page.index("/accounts/AWAY") > page.index("/accounts/SEASON")


def test_the_lists_of_the_page_put_the_explained_behind_the_others_and_the_lost_last(explained):
    explained.make.account("GONE", annual_margin="100", currency="USD", status="closed")
    explained.make.score("GONE", 0.99, state="lost")
    client = explained.client("viewer")
    for order in ("", "margin_at_risk"):
        page = client.get("/", params={"sort": order}).text.partition('id="all"')[2]
        found = re.findall(r'href="/accounts/([^"]+)"', page)
        assert found == ["LEAVES", "NO-FEED", "HELD", "DONE", "SEASON", "GONE"]


def test_pages_of_the_lists_hold_every_account_once(explained):
    for at in range(120):
        name = f"Z-{at:03}"
        explained.make.account(name, annual_margin=str(at), status="closed" if at % 2 else None)
        explained.make.score(name, 0.3 + at % 5 / 10)
    client = explained.client("viewer")
    for order in ("", "margin_at_risk"):
        found, address = [], f"/?sort={order}"
        while address:
            page = client.get(address).text.partition('id="all"')[2]
            found += re.findall(r'href="/accounts/([^"]+)"', page)
            onward = re.search(r'rel="next" href="([^"#]+)', page)
            address = onward and onward[1].replace("&amp;", "&")
        assert len(found) == len(set(found)) == 125


@pytest.mark.parametrize(
    ("account", "language", "said"),
    [
        ("HELD", "en", "On hold by us since 2 Feb 2026"),
        ("HELD", "vi", "Bên mình tạm dừng từ 02/02/2026"),
        ("DONE", "pt", "Projeto encerrado"),
        ("SEASON", "en", "Out of season"),
        ("NO-FEED", "en", "Feed silent since 28 Feb 2026"),
    ],
)
def test_the_list_and_the_account_say_why_no_alert_stands(explained, account, language, said):
    client = explained.client("viewer")
    client.headers["accept-language"] = language
    row = client.get("/").text.partition(f'href="/accounts/{account}"')[2].partition("</tr>")[0]
    assert said in row
    assert f"<b>{said}.</b>" in client.get(f"/accounts/{account}").text


def test_the_silence_of_a_feed_counts_no_days_of_the_customers(explained):
    client = explained.client("viewer")
    said = (
        "No booking for 16 days until its feed fell silent on 28 Feb 2026 (last on 12 Feb 2026);"
        " the usual gap is 7 days"
    )
    assert said in client.get("/accounts/NO-FEED").text
    assert client.get("/v1/accounts/NO-FEED").json()["reasons"][0]["text"] == said


def test_margin_under_who_needs_you_is_theirs_and_that_of_all_stands_with_all(explained):
    explained.make.account("CALM", annual_margin="1000", currency="USD")
    explained.make.score("CALM", 0.1, band="healthy")
    explained.make.alert("complaint", "HELD", type="complaint", reason_code="severe")
    page = explained.client("viewer").get("/").text
    needs, _, everybody = page.partition('id="all"')
    assert (
        "<b>50 USD</b> margin at risk a year, 1 account; not counted: 90 USD of 1 account whose"
        " risk is explained</p>"
    ) in needs
    assert (
        "<b>150 USD</b> margin at risk a year, 2 accounts; not counted: 335 USD of 4 accounts"
        " whose risk is explained</p>"
    ) in everybody


def test_the_page_says_how_the_levels_of_each_situation_are_cut(explained):
    cuts = {"watch": 15.9, "high": 24.8, "critical": 34.9}
    explained.make.account("ACTIVE")
    explained.make.score("ACTIVE", 0.3, list="active_at_risk", thresholds=cuts)
    client = explained.client("viewer")
    active = "Still booking: watch from 15.9, high from 24.8, critical from 34.9"
    silent = "Going silent: watch from 30, high from 50, critical from 70"
    page = client.get("/").text
    assert active in page
    assert silent in page
    account = client.get("/accounts/ACTIVE").text
    assert active in account
    assert silent not in account


def iso(moment):
    return moment.isoformat().replace("+00:00", "Z")
