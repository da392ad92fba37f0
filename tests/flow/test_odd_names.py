"""Names that the contract allows and people stumble over: kept as sent, and told as they are."""

import json
import re
from html import unescape
from urllib.parse import urljoin

import pytest
from markupsafe import escape

from services.ingest.batch import Intake
from services.ingest.intake import EventIntake
from shared.store.tables import AccountRow, EventRow
from tests.support.factories import NOW


@pytest.fixture
def take(api):
    def taken(*events):
        intake = EventIntake(api.database, api.clock, Intake.HTTP)
        results = intake.accept([json.dumps(one).encode() for one in events])
        return [one.status for one in results]

    return taken


def account_event(subject, number=1, **data):
    return {
        "specversion": "1.0", "id": f"a{number}", "source": "/crm", "subject": subject,
        "type": "leadline.account.v1", "time": NOW.isoformat(), "data": {"name": "Aurora"} | data,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "shown", "address"),
    [
        (" ACC-1 ", "␣ACC-1␣", "/accounts/%20ACC-1%20"),
        ("ACC\u200b-1", "ACC&lt;U+200B&gt;-1", "/accounts/ACC%E2%80%8B-1"),
        ("a/../b", "a/../b", "/accounts/a%2F..%2Fb"),
    ],
)
def test_an_account_of_an_odd_id_is_another_one_looks_it_and_can_be_opened(
    api, take, subject, shown, address
):
    assert take(account_event(subject), account_event("ACC-1", 2)) == ["accepted", "accepted"]
    client = api.client("viewer")
    listed = [one["account_id"] for one in client.get("/v1/accounts").json()["items"]]
    assert sorted(listed) == sorted([subject, "ACC-1"])
    page = client.get("/").text
    assert f'<a href="{address}">Aurora</a> <small>{shown}</small>' in page
    assert f"<dd>{shown}</dd>" in client.get(address).text


@pytest.mark.parametrize(
    "subject",
    [".", "..", "...", "a/..", "a/b", "/", "?x=1", "#x", "50%", "%2e%2e", "a\\b", "a b", "a&b+c"],
)
def test_the_link_to_an_account_leads_there_by_the_rules_of_browsers(api, take, subject):
    assert take(account_event(subject)) == ["accepted"]
    client = api.client("admin")
    (link,) = re.findall(r'<a href="([^"]+)">Aurora</a>', client.get("/").text)
    # A browser takes `..`, written or coded, for the folder above.
    address = urljoin("http://leadline/", re.sub("%2e", ".", unescape(link), flags=re.IGNORECASE))
    page = client.get(address.removeprefix("http://leadline"))
    assert page.status_code == 200
    assert f"<dd>{escape(subject)}</dd>" in page.text


@pytest.mark.parametrize("subject", ["..", "a/b"])
def test_who_acts_on_an_account_of_an_odd_id_sees_it_again(api, subject):
    api.make.account(subject)
    api.make.alert("a1", subject)
    client = api.client("admin")
    done = client.post("/alerts/a1/acknowledge")
    assert done.status_code == 303
    page = client.get(urljoin("/", done.headers["location"])).text
    assert f"<dd>{subject}</dd>" in page
    assert 'class="told" role="status"' in page


@pytest.mark.parametrize("blank", [" ", "\u200b", "\t"])
def test_a_blank_name_is_no_name(api, take, blank):
    kam = {"id": "kam-linh", "name": blank}
    assert take(account_event("ACC-1", name=blank, kam=kam)) == ["accepted"]
    (found,) = api.client("viewer").get("/v1/accounts").json()["items"]
    assert (found["name"], found["kam"]) == (None, {"id": "kam-linh", "name": None})
    assert '<a href="/accounts/ACC-1">ACC-1</a>' in api.client("viewer").get("/").text


@pytest.mark.parametrize("blank", ["  ", "\u200b"])
def test_a_kam_with_a_blank_id_is_nobody_and_is_refused_by_its_path(api, take, blank):
    assert take(account_event("ACC-1", kam={"id": blank, "name": "Linh"})) == ["rejected"]
    (letter,) = api.client().get("/v1/dead-letters").json()["items"]
    assert (letter["reason"], letter["detail"]) == (
        "invalid_field", "data.kam.id: must not be blank, nor have control characters",
    )  # fmt: skip
    assert (letter["account_id"], letter["event_id"]) == ("ACC-1", "a1")


def test_an_unknown_time_zone_is_named_on_the_account(api, take):
    zones = ["Asia/Ho_Chi_Minh", "Asia/Saigonn", "../../etc/passwd", "UTC+7"]
    said = []
    for number, zone in enumerate(zones):
        name = f"ACC-{number}"
        assert take(account_event(name, number, time_zone=zone)) == ["accepted"]
        page = api.client("viewer").get(f"/accounts/{name}").text
        said.append(f"Its time zone “{zone}” is not known" in page)
    assert said == [False, True, True, True]


@pytest.mark.parametrize("known", ["2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_what_a_source_will_know_one_day_is_kept_with_that_day(api, take, known):
    booking = account_event("ACC-1", booking_ref="B", phase="confirmed") | {
        "type": "leadline.booking.v1", "recordedtime": known,
    }  # fmt: skip
    assert take(booking) == ["accepted"]
    with api.database.read() as connection:
        kept = connection.execute(EventRow.__table__.select()).one().recorded_at
        assert kept.isoformat().replace("+00:00", "Z") == known
        assert connection.execute(AccountRow.__table__.select()).one().account_id == "ACC-1"


def test_a_kam_opens_no_account_of_another_by_its_id_in_the_query(api):
    api.make.account("..", kam="kam-b")
    assert api.client("kam", "kam-a").get("/accounts?account_id=..").status_code == 404
    assert api.client("kam", "kam-b").get("/accounts?account_id=..").status_code == 200
