"""The page in a real browser, as a KAM meets it."""

import json
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
    assert page.get_by_text("acknowledged", exact=True).is_visible()
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
    assert page.get_by_text("acknowledged", exact=True).is_visible()
    assert faults == []


def test_a_manager_finds_accounts_with_the_form_and_signs_out(api, browser):
    context = browser.new_context(java_script_enabled=False)
    page, faults = opened(context)
    page.goto(f"{api.server.url}/?token={api.token('manager')}")
    page.get_by_label("Name or id").fill("son tra")
    page.get_by_role("button", name="Show").click()
    rows = page.get_by_role("table").get_by_role("row")
    assert rows.count() == 2
    assert page.get_by_role("table").get_by_role("link", name="Sơn Trà Export Co.").is_visible()
    page.get_by_role("link", name="Show all").click()
    page.get_by_label("KAM").select_option("Nobody")
    page.get_by_label("Order").select_option("Name")
    page.get_by_role("button", name="Show").click()
    assert "owner=none" in page.url
    assert rows.count() == 2
    page.get_by_role("link", name="healthy 2").click()
    assert "owner=none" in page.url
    assert page.get_by_text("No account fits").is_visible()
    assert faults == []
    page.get_by_role("link", name="Sign out").click()
    assert page.get_by_role("status").inner_text() == "You are signed out on this browser."
    page.goto(f"{api.server.url}/")
    assert page.get_by_role("heading", name="Sign in").is_visible()


def test_the_first_page_says_how_many_alerts_have_changed_since_it_was_made(api, browser):
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/?token={api.token('kam', 'kam-a')}")
    assert page.get_by_role("status").count() == 0
    for number, alert in ((1, "a1"), (2, "a2"), (3, "a1")):
        body = json.dumps({"subject": "ACC-0042", "data": {"alert_id": alert}})
        api.make.change(number, "alert", "ACC-0042", body.encode())
    page.get_by_text("2 alerts have changed since.").wait_for()
    page.get_by_role("link", name="Load anew").click()
    page.wait_for_load_state()
    assert page.get_by_role("status").count() == 0
    assert faults == []


LOOKED_AWAY_AND_BACK = """
for (const hidden of [true, false]) {
  Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def test_a_page_that_is_looked_at_again_listens_from_the_last_change_of_any_kind(api, browser):
    page, faults = opened(browser)
    asked = []
    page.on("request", lambda one: "/v1/stream" in one.url and asked.append(one.url))
    page.goto(f"{api.server.url}/?token={api.token('kam', 'kam-a')}")
    for number, kind in ((1, "signal"), (2, "run")):
        api.make.change(number, kind, "ACC-0042")
        for _ in range(20):
            page.wait_for_timeout(100)
            page.evaluate(LOOKED_AWAY_AND_BACK)
            if asked[-1].endswith(f"after={number}"):
                break
        assert asked[-1].endswith(f"after={number}")
    assert page.get_by_role("status").count() == 0
    assert faults == []


def test_a_page_whose_stream_was_refused_listens_again(api, browser):
    page, _ = opened(browser)
    page.route("**/v1/stream*", lambda one: one.fulfill(status=503), times=1)
    page.goto(f"{api.server.url}/?token={api.token('kam', 'kam-a')}")
    body = json.dumps({"subject": "ACC-0042", "data": {"alert_id": "a1"}})
    api.make.change(1, "alert", "ACC-0042", body.encode())
    page.get_by_text("1 alert has changed since.").wait_for(timeout=20_000)


@pytest.mark.parametrize("language", ["en", "vi", "pt"])
@pytest.mark.parametrize("width", [320, 390])
def test_nothing_is_cut_on_a_phone(api, browser, width, language):
    context = browser.new_context(locale=language, viewport={"width": width, "height": 800})
    page, _ = opened(context)
    page.goto(f"{api.server.url}/?token={api.token('manager')}")
    for path in ("/", "/accounts/ACC-0042"):
        page.goto(f"{api.server.url}{path}")
        shot(page, f"phone-{language}-{width}-{len(path)}")
        beyond = page.evaluate(
            "Array.from(document.querySelectorAll('main *, header *')).filter(one => "
            "one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.hidden, thead'))"
            ".map(one => one.outerHTML.slice(0, 80))"
        )
        assert beyond == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto(f"{api.server.url}/")
    # Rows as cards are still a table to those who hear it.
    assert page.get_by_role("table").get_by_role("row").count() == len(STORIES) + 2
    assert page.get_by_role("cell").first.is_visible()


def test_a_kam_snoozes_an_alert_for_a_month_by_keyboard_and_reads_it_there(api, browser):
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/accounts/ACC-0042?token={api.token('kam', 'kam-a')}")
    page.locator("summary", has_text="Snooze").focus()
    page.keyboard.press("Enter")
    page.get_by_label("In a week").focus()
    page.keyboard.press("ArrowDown")  # in a month
    shot(page, "snooze")
    page.keyboard.press("Tab")
    for _ in range(4):  # the parts of the date, and its calendar
        if page.get_by_label("Reason").evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.type("Plant closed for Tết; Linh calls on the first day back")
    page.keyboard.press("Enter")
    assert page.get_by_role("status").inner_text() == "The alert is snoozed."
    said = "Snoozed until 10 Apr 2026, 12:00 UTC: Plant closed for Tết"
    assert page.get_by_text(said).is_visible()
    page.get_by_text("History (2)").click()
    shot(page, "snoozed")
    assert page.get_by_text("Kam-A snoozed it until 10 Apr 2026").is_visible()
    assert faults == []
    alert = api.client("kam", "kam-a").get("/v1/alerts/a1").json()
    assert (alert["state"], alert["history"][-1]["until"]) == ("snoozed", "2026-04-10T12:00:00Z")


def test_a_kam_resolves_an_alert_with_outcome_and_note_and_closes_the_playbook(api, browser):
    page, faults = opened(browser)
    page.goto(f"{api.server.url}/accounts/ACC-0042?token={api.token('kam', 'kam-a')}")
    page.locator("summary", has_text="Close playbook").click()
    page.get_by_label("Outcome").last.select_option("Kept against a competitor")
    shot(page, "closing")
    page.get_by_role("button", name="Close playbook").click()
    assert page.get_by_text("No playbook is running.").is_visible()
    page.locator("summary", has_text="Resolve").click()
    page.get_by_label("Outcome").select_option("Kept against a competitor")
    page.get_by_label("Note").fill("Matched the offer on Hai Phong - Hamburg until June.")
    shot(page, "resolve")
    page.get_by_role("button", name="Resolve churn risk").click()
    assert page.get_by_role("status").is_visible()
    assert page.get_by_text("No open alerts.").is_visible()
    page.get_by_text("Earlier alerts (1)").click()
    page.get_by_text("Earlier runs (1)").click()
    shot(page, "resolved")
    assert page.get_by_text("Matched the offer").first.is_visible()
    assert page.get_by_text("Cancelled").count() == 2
    assert faults == []
    alert = api.client("kam", "kam-a").get("/v1/alerts/a1").json()
    assert (alert["state"], alert["outcome"]) == ("resolved", "saved_after_competitive_attack")


def test_who_was_slower_is_told_and_keeps_what_was_written(api, browser):
    page, _ = opened(browser)  # the console tells of the 409, as it should
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{api.server.url}/accounts/ACC-0042?token={api.token('kam', 'kam-a')}")
    page.locator("summary", has_text="Resolve").click()
    page.get_by_label("Outcome").first.select_option("False alarm")
    page.get_by_label("Note").first.fill("They moved to quarterly orders")
    api.client("manager").post("/v1/alerts/a1/acknowledge")
    page.get_by_role("button", name="Resolve churn risk").click()
    assert "has changed since you opened this page" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Note").first.input_value() == "They moved to quarterly orders"
    shot(page, "stale")
    page.get_by_role("button", name="Resolve churn risk").click()
    assert page.get_by_text("No open alerts.").is_visible()


@pytest.mark.parametrize("language", ["vi", "pt"])
def test_the_page_speaks_the_readers_language(api, browser, language):
    context = browser.new_context(locale=language)
    page, faults = opened(context)
    page.goto(f"{api.server.url}/accounts/ACC-0042?token={api.token('kam', 'kam-a')}")
    page.locator(".act > summary").first.click()
    shot(page, f"account-{language}")
    words = {"vi": ("Tiếp nhận", "Báo nhầm"), "pt": ("Reconhecer", "Alarme falso")}
    button, outcome = words[language]
    assert page.get_by_role("button", name=button).is_visible()
    page.get_by_label({"vi": "Kết quả", "pt": "Resultado"}[language]).first.select_option(outcome)
    assert faults == []


def test_a_viewer_sees_what_was_done_and_no_buttons(api, browser):
    page, _ = opened(browser)
    page.goto(f"{api.server.url}/accounts/ACC-0042?token={api.token('viewer')}")
    assert page.get_by_role("heading", name="Churn risk").is_visible()
    assert page.get_by_role("button").count() == 0
    assert page.get_by_text("History").first.is_visible()


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


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_name_without_spaces_breaks_instead_of_widening_the_page(api, browser, width):
    make, long = api.make, "N" * 240
    make.account(long, name=long, kam=long[:200], kam_name=long, annual_margin="9", currency="USD")
    make.score(long, 0.9, reasons=[
        {"code": "history", "contribution": 0.2, "text": long, "event_ids": []}
    ])  # fmt: skip
    make.alert("a9", long, reason_text=f"Complaint {long} open", owner_name=long)
    make.run("r9", long, alert_id="a9")
    page, faults = opened(browser, viewport={"width": width, "height": 800})
    page.goto(f"{api.server.url}/?token={api.token('manager')}")
    for path in ("/", f"/accounts/{long}"):
        page.goto(f"{api.server.url}{path}")
        shot(page, f"long-{width}-{len(path)}")
        assert page.evaluate("document.documentElement.scrollWidth") == width, path
    assert faults == []
