"""Accounts of three currencies: ranked and added up by what their margins are worth."""

import pytest

from tests.support.api import running_api
from tests.support.factories import NOW

RATES = """month,currency,rate
2026-01,EUR,1.10
2026-03,EUR,1.20
2026-04,VND,0.00004
"""
"""On 10 March the dong has no rate yet."""


@pytest.fixture
def api(database_url, tmp_path):
    (tmp_path / "rates.csv").write_text(RATES)
    with running_api(database_url, fx_rates=tmp_path / "rates.csv") as running:
        yield running


@pytest.fixture
def mixed(api):
    """Five accounts with alerts; as bare numbers the dong would lead and the euro be last."""
    margins = {
        "USD-110": ("110.00", "USD", 0.5),
        "EUR-100": ("100.00", "EUR", 0.5),
        "VND-9M": ("9000000", "VND", 0.4),
        "VND-8M": ("8000000", "VND", 0.6),
        "BARE-10": ("10", None, 0.5),
    }
    for account, (margin, currency, risk) in margins.items():
        api.make.account(account, annual_margin=margin, currency=currency)
        api.make.score(account, risk=risk, band="high")
        api.make.alert(f"alert of {account}", account)
    return api


def test_the_page_ranks_by_worth_and_those_without_a_rate_by_risk_alone(mixed):
    page = mixed.client("viewer").get("/").text
    cards = page.partition("<ol")[2].partition("</ol>")[0]
    order = ["EUR-100", "USD-110", "BARE-10", "VND-8M", "VND-9M"]
    assert sorted(order, key=lambda name: cards.index(f'"/accounts/{name}"')) == order
    assert "<b>50 EUR</b> (60 USD)" in cards
    assert "<b>55 USD</b> margin at risk" in cards
    assert "<b>5 USD</b> margin at risk" in cards
    assert "<b>4,800,000 VND</b> (no rate)" in cards


def test_an_accounts_page_says_its_margin_at_risk_in_both_currencies(mixed):
    client = mixed.client("viewer")
    said = {name: client.get(f"/accounts/{name}").text for name in ("EUR-100", "VND-9M")}
    assert "<dt>Margin at risk a year</dt><dd><b>50 EUR</b> (60 USD)</dd>" in said["EUR-100"]
    assert "<dd><b>3,600,000 VND</b> (no rate)</dd>" in said["VND-9M"]


def test_the_page_says_the_total_and_which_accounts_it_lacks(mixed):
    mixed.make.account("NO-MARGIN")
    mixed.make.score("NO-MARGIN")
    page = mixed.client("viewer").get("/").text
    assert (
        "<b>120 USD</b> margin at risk a year, 3 accounts; and 2 accounts in VND without a rate;"
        " 1 account without a margin</p>"
    ) in page


def test_the_rates_of_the_moment_count_on_the_page_too(mixed):
    mixed.clock.at = NOW.replace(month=4)
    page = mixed.client("viewer").get("/").text
    assert "<b>456 USD</b> margin at risk a year, 5 accounts</p>" in page
    assert page.index('"/accounts/VND-8M"') < page.index('"/accounts/EUR-100"')
    assert "<b>4,800,000 VND</b> (192 USD)" in page


def test_metrics_are_in_the_reporting_currency_cut_by_worth_and_count_whom_they_lack(mixed):
    text = mixed.client(None).get("/metrics/accounts").text
    lines = [one for one in text.splitlines() if one.startswith("leadline_account_margin_at_risk{")]
    found = {one.split('account_id="')[1].split('"')[0]: float(one.split()[-1]) for one in lines}
    assert found == {"EUR-100": 60.0, "USD-110": 55.0, "BARE-10": 5.0}
    ranked = [one for one in text.splitlines() if one.startswith("leadline_account_risk_ratio{")]
    ids = [one.split('account_id="')[1].split('"')[0] for one in ranked]
    assert ids == ["EUR-100", "USD-110", "BARE-10", "VND-8M", "VND-9M"]
    lacking = 'leadline_account_margin_without_rate{currency="VND",kam="kam-a",tier="A"} 2.0'
    assert lacking in text
    assert (
        "# HELP leadline_account_margin_at_risk Annual margin x risk, in USD;"
        " nothing where the account's currency has no rate."
    ) in text


def test_an_account_says_its_margin_at_risk_in_both_currencies(mixed):
    client = mixed.client("viewer")
    listed = {one["account_id"]: one for one in client.get("/v1/accounts").json()["items"]}
    alone = client.get("/v1/accounts/EUR-100").json()
    for found in (listed["EUR-100"], alone):
        assert found["margin_at_risk"] == {"amount": "50.00", "currency": "EUR"}
        assert found["margin_at_risk_reporting"] == {"amount": "60.00", "currency": "USD"}
    assert listed["VND-9M"]["margin_at_risk"] == {"amount": "3600000.00", "currency": "VND"}
    assert listed["VND-9M"]["margin_at_risk_reporting"] is None
    assert listed["BARE-10"]["margin_at_risk"] == {"amount": "5.00", "currency": "USD"}


def total(client, **params):
    answer = client.get("/v1/margin-at-risk", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_total_leaves_out_who_has_no_rate_no_margin_or_is_lost_and_says_the_first_two(mixed):
    mixed.make.account("NO-MARGIN")
    mixed.make.score("NO-MARGIN")
    mixed.make.account("UNSCORED", annual_margin="7", currency="USD")
    mixed.make.account("LOST", annual_margin="1000", currency="USD")
    mixed.make.score("LOST", state="lost")
    assert total(mixed.client("viewer")) == {
        "margin_at_risk": {"amount": "120.00", "currency": "USD"},
        "accounts": 3,
        "without_rate": [{"currency": "VND", "accounts": 2}],
        "without_margin": 1,
        "explained": {"margin_at_risk": {"amount": "0.00", "currency": "USD"}, "accounts": 0},
    }


def test_a_total_is_of_the_accounts_that_the_caller_may_see_or_asks_for(mixed):
    mixed.make.account("OTHER", kam="kam-b", annual_margin="1000", currency="EUR")
    mixed.make.score("OTHER", risk=0.5)
    own = total(mixed.client("kam", "kam-b"))
    assert (own["margin_at_risk"]["amount"], own["without_rate"]) == ("600.00", [])
    assert total(mixed.client("manager"), kam="kam-b") == own
    assert total(mixed.client("kam", "kam-b"), kam="kam-a")["accounts"] == 0


def test_nothing_known_is_a_total_of_nothing(api):
    assert total(api.client("viewer")) == {
        "margin_at_risk": {"amount": "0.00", "currency": "USD"},
        "accounts": 0,
        "without_rate": [],
        "without_margin": 0,
        "explained": {"margin_at_risk": {"amount": "0.00", "currency": "USD"}, "accounts": 0},
    }
    assert "margin at risk a year" not in api.client("viewer").get("/").text


def test_another_reporting_currency_needs_no_rate_of_its_own(database_url):
    with running_api(database_url, reporting_currency="VND") as api:
        api.make.account("VND-9M", annual_margin="9000000", currency="VND")
        api.make.account("USD-110", annual_margin="110", currency="USD")
        for account in ("VND-9M", "USD-110"):
            api.make.score(account, risk=0.5)
        found = total(api.client("viewer"))
    assert found["margin_at_risk"] == {"amount": "4500000.00", "currency": "VND"}
    assert found["without_rate"] == [{"currency": "USD", "accounts": 1}]
