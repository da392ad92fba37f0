"""What the pages say of an account is true now, and the same wherever it stands."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.support.factories import NOW

NOT_SCORED = "\u2013"


@pytest.mark.parametrize("pasted", [" {}", "{} ", "\t{}\r\n", "\u00a0{}"])
def test_a_key_pasted_with_space_around_it_opens_the_page(api, pasted):
    token = api.token("viewer")
    answer = api.client(None).get("/?" + urlencode({"token": pasted.format(token)}))
    assert answer.status_code == 303
    assert f"leadline_token={token};" in answer.headers["set-cookie"]


def test_a_card_says_when_its_alerts_text_was_true(api):
    api.make.account("ACC-1")
    opened = NOW - timedelta(days=9)
    api.make.alert(
        "a1", "ACC-1", type="volume_erosion", reason_text="Volume at 43 % of its own level",
        opened_at=opened, updated_at=NOW - timedelta(days=2),
    )  # fmt: skip
    said = "Volume at 43 % of its own level (said when it opened on 1 Mar 2026"
    for path in ("/", "/accounts/ACC-1"):
        page = re.sub(r"<[^>]+>", "", api.client().get(path).text)
        assert f"{said}, the alert last changed on 8 Mar 2026)" in page, path


def test_no_number_of_past_alerts_hides_what_is_to_be_done(api):
    api.make.account("ACC-1")
    for number in range(101):
        ended = {"resolved_at": NOW, "outcome": "recovered_alone"}
        api.make.alert(f"a{number:03}", "ACC-1", scope_key=str(number), **ended)
    api.make.alert("z", "ACC-1")
    page = api.client().get("/accounts/ACC-1").text
    assert 'action="/alerts/z/acknowledge"' in page
    assert "Earlier alerts (100+)" in page


def test_past_alerts_are_told_the_latest_first_and_page_by_page(api):
    api.make.account("ACC-1")
    for back in range(205):  # ids say nothing of when; two that opened at once are told apart
        at = NOW - timedelta(days=1 + back // 2)
        api.make.alert(
            f"{(back * 77) % 205:03}", "ACC-1", scope_key=str(back),
            reason_text=f"told {back // 2}.",
            opened_at=at, updated_at=at, resolved_at=NOW, outcome="recovered_alone",
        )  # fmt: skip
    client, address, told, pages = api.client(), "/accounts/ACC-1", [], 0
    while address:
        page = client.get(address).text
        assert 'class="past"' in page
        told += [int(one) for one in re.findall(r"told (\d+)\.", page)]
        pages += 1
        onward = re.search(r'rel="next" href="([^"#]+)#past"', page)
        address = onward and unescape(onward[1])
    assert pages == 3
    assert told == [back // 2 for back in range(205)]
    assert 'href="/accounts/ACC-1#past"' in page  # back to the latest
    refused = client.get("/accounts/ACC-1?past=nonsense", headers={"accept": "text/html"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("state", "listed", "said"),
    [
        ("scored", "going_silent", "going silent"),
        ("no_data", "active_at_risk", NOT_SCORED),
        ("lost", "going_silent", NOT_SCORED),
        ("insufficient_data", None, NOT_SCORED),
    ],
)
def test_the_list_and_the_account_name_the_same_situation(api, state, listed, said):
    api.make.account("ACC-1")
    api.make.score("ACC-1", 0.5, state=state, list=listed)
    client = api.client()
    row = re.search(r'data-label="Situation">([^<]*)</td>', client.get("/").text)
    fact = re.search(r"<dt>Situation</dt><dd>([^<]*)</dd>", client.get("/accounts/ACC-1").text)
    assert (row[1], fact[1]) == (said, said)


def test_an_alert_whose_play_nobody_begins_says_so_and_lets_one_begin_it(api):
    api.make.account("ACC-1")
    api.make.alert("a1", "ACC-1")
    api.make.alert("a2", "ACC-1", type="volume_erosion", reason_code="volume_erosion")
    api.make.run("r1", "ACC-1", alert_id="a1")
    manager, viewer = api.client("manager"), api.client("viewer")
    said, how = "Its playbook has not begun, and no other is running.", 'action="/alerts/a2/start"'
    assert said not in manager.get("/accounts/ACC-1").text
    manager.post("/v1/playbook-runs/r1/close", json={"outcome": "false_alarm"})
    page = manager.get("/accounts/ACC-1").text
    assert (page.count(said), page.count(how)) == (1, 1)  # a2: that of a1 has run
    assert "is running on this account" not in page
    page = viewer.get("/accounts/ACC-1").text  # who may not begin one has no button
    assert (page.count(said), page.count(how)) == (1, 0)


def test_the_chart_says_what_its_dashed_line_is(api):
    api.make.account("ACC-1")
    api.make.score("ACC-1", thresholds={"watch": 15.9, "high": 24.8, "critical": 34.9})
    said = "Dashed line: the chance from which the early warning counts, 24.8 %."
    page = api.client().get("/accounts/ACC-1").text
    assert ('class="threshold"' in page, said in page) == (True, True)
    api.make.account("ACC-2")
    api.make.score("ACC-2", thresholds=None)
    page = api.client().get("/accounts/ACC-2").text
    assert ('class="threshold"' in page, said in page) == (False, False)


def test_a_filter_says_how_many_it_found_beyond_the_page(api):
    for at in range(60):
        api.make.account(f"T-{at:02}", name="Toy" if at else "Sơn Trà")
        api.make.score(f"T-{at:02}", 0.3, band="watch" if at < 55 else "high")
    api.make.account("X-1", name="Toy", kam="kam-b")
    client = api.client("kam", "kam-a")
    assert " found</p>" not in client.get("/").text
    assert ">55 accounts found</p>" in client.get("/?band=watch").text
    assert ">59 accounts found</p>" in client.get("/?q=toy").text
    assert ">1 account found</p>" in client.get("/?q=son+tra&band=watch").text
    assert " found</p>" not in client.get("/?q=nobody").text  # the page says what to do


@pytest.mark.parametrize("path", ["/nix", "/accounts/none"])
def test_a_page_that_is_not_there_tells_whether_one_is_signed_in(api, path):
    html = {"accept": "text/html"}
    leave, come = 'href="/sign-out">Sign out</a>', 'href="/">Sign in</a>'
    page = api.client("viewer").get(path, headers=html)
    assert (page.status_code, leave in page.text, come in page.text) == (404, True, False)


@pytest.mark.parametrize("cookie", [None, "ll_0_gone"])
def test_an_unknown_page_offers_nobody_else_to_sign_out(api, cookie):
    headers = {"accept": "text/html"} | ({"cookie": f"leadline_token={cookie}"} if cookie else {})
    page = api.client(None).get("/nix", headers=headers)
    assert page.status_code == 404
    assert "Sign out" not in page.text
    assert 'class="leave" rel="nofollow" href="/">Sign in</a>' in page.text


def test_of_thousands_of_alerts_the_gravest_accounts_are_shown_first(api):
    margins = {"ACC-1": "100", "ACC-2": "9000000", "ACC-3": "50"}
    for ident, margin in margins.items():
        api.make.account(ident, annual_margin=margin, currency="USD")
        api.make.score(ident, 0.5)
    for number in range(2_100):
        api.make.alert(f"a{number:04}", "ACC-1", scope_key=str(number))
    api.make.alert("z1", "ACC-2")
    api.make.alert("z2", "ACC-3", band="critical")
    page = api.client().get("/").text
    cards = re.findall(r'<h2><a href="/accounts/(ACC-\d)"', page)
    assert cards == ["ACC-2", "ACC-1", "ACC-3"]
    counts = re.findall(r'data-label="Alerts" class="number">(\d+)<', page)
    assert sorted(map(int, counts)) == [1, 1, 2_100]


def test_a_band_that_evidence_raised_says_so_on_the_card_and_in_the_list(api):
    api.make.account("ACC-1")
    floor = {"code": "stakeholder_left", "event_ids": ["c-1"]}
    api.make.score("ACC-1", 0.01, band="high", band_floor=floor)
    api.make.alert("a1", "ACC-1")
    page = re.sub(r"<[^>]+>", "", api.client().get("/").text)
    assert page.count("raised to at least high: sponsor or champion left") == 2
    (listed,) = api.client().get("/v1/accounts").json()["items"]
    assert listed["band_floor"] == floor


@pytest.mark.parametrize(("language", "said"), [("en", "19 Sep 2026"), ("vi", "19/09/2026")])
def test_an_account_says_when_its_agreement_is_to_be_renewed(api, language, said):
    api.make.account("ACC-1", renewal_date="2026-09-19")
    api.make.account("ACC-2")
    client = api.client()
    assert client.get("/v1/accounts/ACC-1").json()["renewal_date"] == "2026-09-19"
    assert client.get("/v1/accounts/ACC-2").json()["renewal_date"] is None
    client.headers["accept-language"] = language
    assert f"<dd>{said}</dd>" in client.get("/accounts/ACC-1").text
    assert said not in client.get("/accounts/ACC-2").text
