"""The list of accounts on the first page: what is asked for stands in its address alone."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.support.factories import NOW

KEPT, GONE = "scored", "lost"
ACCOUNTS = [
    # id, name, KAM, risk, band, list, state, margin, days without a booking
    ("A-1", "Sơn Trà", "kam-a", 0.9, "critical", "going_silent", KEPT, "1000", 40),
    ("B-2", "Lübeck", "kam-b", 0.5, "high", "active_at_risk", KEPT, "90000", 3),
    ("C-3", "Joinville", "kam-a", 0.1, "healthy", "active_at_risk", KEPT, None, 1),
    ("D-4", "Đà Nẵng", "kam-b", 0.99, "critical", None, GONE, "500000", 200),
    ("E-5", None, None, 0.2, "watch", "active_at_risk", "no_data", "10", 9),
]


@pytest.fixture
def filled(api):
    for account, name, kam, risk, band, listed, state, margin, days in ACCOUNTS:
        api.make.account(account, name=name, kam=kam, annual_margin=margin, currency="USD")
        last = NOW - timedelta(days=days)
        api.make.score(
            account, risk, band=band, list=listed, state=state, last_booking_at=last,
        )  # fmt: skip
    api.make.account("F-6", name="Hue", kam="kam-c")  # never scored
    api.make.alert("a1", "B-2")
    api.make.alert("a2", "B-2", type="complaint", reason_code="complaint_over_sla")
    return api


def listed(client, **asked):
    page = client.get("/?" + urlencode(asked)).text.split('id="all"')[1]
    return re.findall(r'<th role="rowheader" scope="row"><a href="/accounts/([^"]+)"', page)


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({}, ["A-1", "B-2", "C-3", "F-6", "E-5", "D-4"]),  # the risk, then those who are gone
        ({"sort": "name"}, ["E-5", "F-6", "C-3", "B-2", "A-1", "D-4"]),  # by the bytes
        ({"sort": "margin_at_risk"}, ["B-2", "A-1", "C-3", "F-6", "E-5", "D-4"]),
        ({"sort": "longest_silent"}, ["F-6", "D-4", "A-1", "E-5", "B-2", "C-3"]),
        ({"sort": "last_booked"}, ["C-3", "B-2", "E-5", "A-1", "D-4", "F-6"]),
        ({"q": "SON tra"}, ["A-1"]),
        ({"q": "da nang"}, ["D-4"]),
        ({"band": "critical"}, ["A-1"]),  # scored now; who is gone is found as such
        ({"situation": "lost"}, ["D-4"]),
        ({"situation": "no_data"}, ["E-5"]),
        ({"situation": "insufficient_data"}, ["F-6"]),
        ({"situation": "active_at_risk"}, ["B-2", "C-3"]),
        ({"band": "healthy", "situation": "going_silent"}, []),
        ({"owner": "id:kam-a"}, ["A-1", "C-3"]),
        ({"owner": "none"}, ["E-5"]),
        ({"alerts": "open"}, ["B-2"]),
        ({"alerts": "open", "q": "hue"}, []),
        ({"kam": "kam-a"}, ["A-1", "C-3"]),  # as the API calls it
        ({"kam": "zz"}, []),
        ({"band": "zz"}, []),
        # A parameter that is none of the page's changes nothing.
        ({"other": "1"}, ["A-1", "B-2", "C-3", "F-6", "E-5", "D-4"]),
    ],
)  # fmt: skip
def test_the_address_says_which_accounts_and_in_which_order(filled, asked, ids):
    assert listed(filled.client("manager"), **asked) == ids


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"band": "zz", "q": "hue"}, 422, "Risk level “zz”"),
        ({"situation": "<zz>"}, 422, "Situation “&lt;zz&gt;”"),
        ({"alerts": "zz"}, 422, "Alerts “zz”"),
        ({"sort": "zz"}, 422, "Order “zz”"),
        ({"owner": "zz"}, 422, "KAM “zz”"),
        ({"owner": "id:\0"}, 422, "KAM “id:"),
        ({"owner": "id:zz"}, 200, "KAM “zz”"),
        ({"kam": "zz"}, 200, "KAM “zz”"),
    ],
)
def test_a_filter_that_is_unknown_is_named_and_can_be_cleared(filled, asked, status, said):
    answer = filled.client("manager").get("/?" + urlencode(asked))
    named = answer.text.split('<form class="find"')[1].split("</form>")[1]
    assert (answer.status_code, said in named) == (status, True)
    assert 'href="/#all">Clear the filters' in named


def test_a_kam_is_told_that_another_kams_filter_does_not_fit_but_not_of_the_own(filled):
    kam = filled.client("kam", "kam-a")
    assert "KAM “kam-b”" in kam.get("/?kam=kam-b").text
    assert "KAM “" not in kam.get("/?kam=kam-a").text


def test_the_form_shows_what_is_asked_for_and_links_keep_it(filled):
    asked = {"q": '"><b>', "band": "high", "owner": "id:kam-b", "sort": "name", "alerts": "open"}
    page = filled.client("manager").get("/?" + urlencode(asked)).text
    form = page.split('<form class="find"')[1].split("</form>")[0]
    assert 'value="&#34;&gt;&lt;b&gt;"' in form
    for value in ("high", "id:kam-b", "name", "open"):
        assert f'<option value="{value}" selected>' in form
    assert "No account fits" in page
    assert 'href="/?sort=name#all">Show all' in form
    watch = re.search(r'<a class="band watch" href="([^"]+)"', page)[1]
    assert unescape(watch).startswith("/?q=%22%3E%3Cb%3E&band=watch&owner=id%3Akam-b")


def test_a_kam_finds_own_accounts_only_and_is_not_asked_whose(filled):
    kam = filled.client("kam", "kam-a")
    assert listed(kam) == ["A-1", "C-3"]
    assert listed(kam, owner="id:kam-b") == []
    assert 'name="owner"' not in kam.get("/").text
    assert '<option value="id:kam-b">Kam-B</option>' in filled.client("manager").get("/").text


@pytest.mark.parametrize("sort", ["", "name", "margin_at_risk", "longest_silent"])
def test_pages_lead_from_one_to_the_next_and_back(api, sort):
    for at in range(120):
        api.make.account(f"T-{at:03}", name=f"Toy {at % 7}", annual_margin="5", currency="USD")
        api.make.score(f"T-{at:03}", at % 11 / 11, state="lost" if at % 5 == 0 else "scored")
    client, found, address = api.client(), [], f"/?q=toy&sort={sort}"
    for size in (50, 50, 20):
        page = client.get(address).text
        shown = re.findall(r'scope="row"><a href="/accounts/([^"]+)"', page)
        assert len(shown) == size
        found += shown
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following and unescape(following[1])
    assert following is None
    assert "First page" in page
    assert len(set(found)) == 120


def test_the_tally_counts_all_accounts_beyond_the_page(api):
    for at in range(60):
        api.make.account(f"T-{at:02}")
        api.make.score(f"T-{at:02}", 0.3, band="watch", as_of=NOW - timedelta(hours=at))
    page = api.client("viewer").get("/").text
    assert ">watch 60</a>" in page
    assert 'All accounts <span class="quiet">60</span>' in page
    assert "10 Mar 2026, 12:00 UTC" in page


def test_an_account_that_needs_somebody_is_shown_however_low_its_risk(api):
    for at in range(55):
        api.make.account(f"T-{at:02}")
        api.make.score(f"T-{at:02}", 0.5)
    api.make.account("Z-1", name="Quiet one")
    api.make.score("Z-1", 0.0, band="healthy")
    api.make.alert("a1", "Z-1", band="healthy")
    assert "Quiet one" in api.client().get("/").text.split('id="all"')[0]


def test_who_signs_out_must_give_a_key_again(api):
    client, cookie = api.client(None), {"Cookie": f"leadline_token={api.token('viewer')}"}
    assert 'href="/sign-out"' in client.get("/", headers=cookie).text
    answer = client.get("/sign-out", headers=cookie)
    assert answer.status_code == 200
    assert "You are signed out" in answer.text
    assert '<label for="token">Key</label>' in answer.text
    assert answer.headers["set-cookie"].startswith('leadline_token="";')
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert "no-store" in answer.headers["cache-control"]


def test_another_site_cannot_sign_anybody_out(api):
    answer = api.client("viewer").get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_filter_that_nothing_fits_can_be_cleared_beside_what_says_so(filled):
    page = filled.client("manager").get("/?q=nobody&band=high&sort=name").text
    said = page.split('<form class="find"')[1].split("</form>")[1]
    assert "No account fits: 0 found." in said
    assert 'href="/?sort=name#all">Clear the filters' in said


def test_without_any_account_no_filter_is_to_blame(api):
    page = api.client("manager").get("/").text
    assert "No account is known yet" in page
    assert "No account fits" not in page
