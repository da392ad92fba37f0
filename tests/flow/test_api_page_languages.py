"""A page in Vietnamese or Portuguese has no English left: no words, no figures, no dates."""

from datetime import timedelta

import pytest

from services.signals.runs import RunCommands
from shared.domain.event_types import EventType
from tests.support.api import running_api
from tests.support.factories import NOW
from tests.support.languages import english_left

REASONS = {
    "churn_risk": "Last booking on 22 Jun 2026; 31.3 % chance that a loss starts within 1 month "
    "(early warning from 24.8 %); "
    "raised to high: severe complaint beyond its agreed time",
    "volume_erosion": "Volume of the last 3 months at 43 % of its own level before "
    "(6 to 15 months ago)",
    "silent_lane_loss": "VNHPH-DEHAM (sea): 1 booking in 90 days, normally 2 a week; "
    "other lanes steady",
    "complaint": "Severe complaint T-88 about damage, on 22 Jun 2026",
    "stakeholder": "The champion (logistics) left on 19 Jun 2026",
}
FACTS = [
    ("silence", 2.39, "No booking for 47 days (last on 9 Feb 2026); the usual gap is 2.5 days"),
    ("late", 0.6, "9 of 29 deliveries late in the last 2 months; agreed are 97.5 % on time"),
    ("history", -0.21, "Customer for 30 months with 1455 days with a booking or request"),
]


@pytest.fixture
def api(sqlite_url):
    with running_api(sqlite_url, commands=RunCommands) as running:
        fill(running.make)
        yield running


def fill(make):
    """A tenant with an account of every kind, whose names are no words."""
    make.account("K-1", name="Sơn Trà", annual_margin="1234567.00", currency="USD", kam_name="Linh")
    reasons = [{"code": c, "contribution": v, "text": t, "event_ids": []} for c, v, t in FACTS]
    floor = {"code": "severe_complaint", "event_ids": []}
    make.score("K-1", reasons=reasons, band_floor=floor)
    make.bookings("K-1", [1200, 1100, 0, 7])
    for at, (kind, text) in enumerate(REASONS.items()):
        make.alert(f"a{at}", "K-1", type=kind, reason_text=text, owner_name="Linh")
    make.evidence("K-1", "complaint", "T-88", {"phase": "opened"})
    listed = {
        "K-2": {"band": "watch", "list": "active_at_risk", "early_warning_months": 1},
        "K-3": {"state": "lost", "list": None, "band": "critical"},
        "K-4": {"state": "no_data", "band": "healthy", "list": "active_at_risk"},
        "K-5": {
            "state": "insufficient_data", "band": None, "risk": None, "curve": None, "reasons": [],
            "list": None, "early_warning_months": None,
            "band_floor": {"code": "stakeholder_left", "event_ids": []},
        },
    }  # fmt: skip
    for account, values in listed.items():
        make.account(account, name=None, kam_name="Linh")
        make.score(account, **{"reasons": reasons} | values)
    make.account("K-6", name=None, kam=None, merged_into="K-9", status="merged")
    make.feed("/synthetic/tms", EventType.BOOKING, [1])


def acted(api):
    """Let people act in every way on K-1."""
    kam = api.client("kam", "kam-a")
    until = (NOW + timedelta(days=9)).isoformat()
    run = kam.post("/v1/playbook-runs", json={"playbook": "peak_space", "account_id": "K-1"}).json()
    task = run["tasks"][0]["task_id"]
    kam.post(f"/v1/playbook-runs/{run['run_id']}/tasks/{task}/complete")
    closed = kam.post(
        "/v1/playbook-runs", json={"playbook": "renewal_t90", "account_id": "K-1"}
    ).json()
    kam.post(f"/v1/playbook-runs/{closed['run_id']}/close", json={"outcome": "renewed"})
    kam.post("/v1/alerts/a1/acknowledge")
    kam.post("/v1/alerts/a2/snooze", json={"until": until, "reason": "Tết"})
    kam.post("/v1/alerts/a3/resolve", json={"outcome": "false_alarm"})
    return kam


def read(client, path, language, status=200, **options):
    headers = {"Accept-Language": language, "Accept": "text/html"}
    answer = client.get(path, headers=headers, **options)
    assert answer.status_code == status
    return answer.text


@pytest.mark.parametrize("language", ["vi", "pt"])
def test_no_english_is_left_on_the_pages_of_data(api, language):
    admin = api.client()
    pages = {path: read(admin, path, language) for path in ("/", "/accounts/K-1")}
    acted(api)
    api.clock.at += timedelta(days=8)
    for path in ("/", *(f"/accounts/K-{at}" for at in range(1, 7))):
        pages[f"{path} later"] = read(admin, path, language)
    for act in ("acknowledge", "snooze", "resolve", "start", "complete_task", "close"):
        pages[act] = read(admin, f"/accounts/K-1?did={act}", language)
    assert {
        path: left for path, page in pages.items() if (left := english_left(page, language))
    } == {}


@pytest.mark.parametrize("language", ["vi", "pt"])
def test_no_english_is_left_where_a_form_is_refused(api, language):
    kam = acted(api)
    headers = {"Accept-Language": language}
    for path, form in {
        "/alerts/a0/snooze": {"version": "1", "choice": "", "day": "2020-01-01"},
        "/alerts/a0/resolve": {"version": "1", "outcome": ""},
        "/alerts/a3/acknowledge": {},
        "/alerts/a4/resolve": {"version": "9", "outcome": "lost"},
    }.items():
        answer = kam.post(path, data=form, headers=headers)
        assert answer.status_code in {409, 422}, path
        assert english_left(answer.text, language) == [], path


@pytest.mark.parametrize("language", ["vi", "pt"])
def test_no_english_is_left_where_a_page_is_refused(api, language):
    viewer, stranger = api.client("viewer"), api.client("service")
    asked_again = api.client(None).get("/?token=wrong").headers["location"]
    pages = [
        read(api.client(None), "/", language, 401),
        read(api.client(None), asked_again, language, 401),
        read(stranger, "/", language, 403),
        read(viewer, "/accounts/none", language, 404),
        read(viewer, "/nowhere", language, 404),
        read(viewer, "/accounts/%00", language, 422),
    ]
    headers = {"Accept-Language": language}
    pages.append(viewer.post("/alerts/a0/resolve", headers=headers).text)
    pages.append(viewer.put("/", headers=headers).text)
    assert [english_left(page, language) for page in pages] == [[]] * len(pages)
    assert all("<h1" in page for page in pages)


def test_english_that_is_left_would_be_found():
    page = "<p title='x'>Khách hàng <b>overdue</b> 1,234 USD 2.5 % 12 Feb 2026</p>"
    assert english_left(page, "vi") == ["1,234", "2.5", "overdue", "Feb 2026"]
