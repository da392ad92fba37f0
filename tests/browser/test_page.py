"""The page in a real browser, as a KAM meets it."""

import os

import pytest

from shared.domain.event_types import EventType
from tests.support.api import running_api

pytestmark = pytest.mark.browser
STORIES = [
    ("ACC-0042", "Sơn Trà Export Co.", 0.62, "high", "going_silent", 2),
    ("ACC-0007", "Baltic Furniture & Sons", 0.81, "critical", "active_at_risk", 1),
    ("ACC-0013", "Porto Verde Coffee", 0.41, "watch", "active_at_risk", None),
    ("ACC-0021", "Mekong Components", 0.08, "healthy", "active_at_risk", None),
    ("ACC-0030", "Hai Phong Textiles", 0.12, "healthy", "active_at_risk", None),
]


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url) as running:
        make = running.make
        for at, (account, name, risk, band, listed, warning) in enumerate(STORIES):
            make.account(account, name=name, annual_margin=str(90_000 - 9000 * at), currency="USD")
            make.score(account, risk, band=band, list=listed, early_warning_months=warning)
            make.bookings(account, [9, 12, 11, 14, 12, 13, 12, 15, 11, 12, 10, 9, 7, 4, 2, 1])
        make.account("ACC-0099", name=None, kam=None)
        make.alert("a1", "ACC-0042")
        make.alert(
            "a2",
            "ACC-0007",
            type="complaint",
            band="critical",
            playbook="service_recovery",
            reason_text="Severe complaint T-88 open for 4 days, promised within 72 hours",
        )
        make.run("r1", "ACC-0042", alert_id="a1")
        make.feed("/synthetic/tms", EventType.BOOKING, [1])
        yield running


def shot(page, name):
    """Keep a picture where somebody asked for one."""
    if folder := os.environ.get("LEADLINE_TEST_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def opened(browser, **options):
    """Open a page that notes what the console complains of."""
    page = browser.new_page(**options)
    faults = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    return page, faults


def test_a_kam_opens_the_printed_url_finds_an_account_and_acknowledges_its_alert(api, browser):
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/?token={api.token('kam', 'kam-a')}")

    assert "token" not in page.url
    assert page.get_by_role("heading", name="Needs you today").is_visible()
    assert page.get_by_text("Synthetic data").is_visible()
    assert page.get_by_role("table").get_by_role("row").count() == len(STORIES) + 1
    shot(page, "overview")

    page.get_by_role("heading", name="Sơn Trà Export Co.").get_by_role("link").click()
    assert page.get_by_role("img", name="Chance that a silence").is_visible()
    assert page.get_by_role("img", name="Bookings in each").is_visible()
    shot(page, "account")
    page.get_by_role("button", name="Acknowledge").click()
    assert page.get_by_text("acknowledged").is_visible()
    assert page.get_by_role("button", name="Acknowledge").count() == 0
    page.get_by_role("button", name="Complete Call").click()
    assert page.get_by_text("✓ Done").is_visible()

    assert faults == []
    alert = api.client("kam", "kam-a").get("/v1/alerts/a1").json()
    assert (alert["state"], alert["version"]) == ("in_progress", 3)


def test_the_page_works_without_scripts_and_on_a_narrow_screen(api, browser):
    context = browser.new_context(java_script_enabled=False)
    page, faults = opened(context)
    page.set_viewport_size({"width": 320, "height": 700})
    page.goto(f"{api.server.url}/?token={api.token('manager')}")
    shot(page, "narrow")
    page.get_by_role("heading", name="Baltic Furniture").get_by_role("link").click()
    page.get_by_role("button", name="Acknowledge").click()
    assert page.get_by_text("acknowledged").is_visible()
    assert faults == []


def test_a_name_with_markup_is_only_text(api, browser):
    name = "<img src=x onerror=alert(1)>\"'"
    api.make.account("<b>&/..", name=name)
    api.make.score("<b>&/..", 0.9, band="critical")
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/?token={api.token('admin')}")
    page.get_by_role("link", name=name).first.click()
    assert page.get_by_role("heading", name=name).is_visible()
    assert page.locator("img").count() == 0
    assert faults == []


def test_the_contract_is_readable_without_a_token(api, browser):
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/docs")
    assert page.get_by_text("Acknowledge an alert").is_visible()
    shot(page, "docs")
    assert faults == []


def test_who_has_no_key_is_asked_for_one_and_gets_the_page_that_was_wanted(api, browser):
    page, _ = opened(browser)  # the console tells of the 401, as it should
    page.goto(f"{api.server.url}/accounts/ACC-0042")
    assert page.get_by_role("heading", name="Sign in").is_visible()
    shot(page, "sign_in")
    page.get_by_label("Key").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    page.get_by_label("Key").fill(api.token("viewer"))
    page.get_by_role("button", name="Open the page").click()
    assert page.get_by_role("heading", name="Sơn Trà Export Co.").is_visible()
    assert page.url == f"{api.server.url}/accounts/ACC-0042"
