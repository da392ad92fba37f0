"""Signing in and out: a key is in no address, and another site signs nobody in."""

from html import unescape
from urllib.parse import urlencode

import pytest

OWN = {"Sec-Fetch-Site": "same-origin"}
ENDED = "That key does not hold"


def form_of(page):
    """Return method and action of the sign-in form."""
    tag = page.split("<form ")[1].split(">")[0]
    given = dict(part.split("=", 1) for part in unescape(tag).split(" "))
    return given["method"].strip('"'), given["action"].strip('"')


@pytest.fixture
def nobody(api):
    return api.client(None)


@pytest.mark.parametrize(
    "wanted", ["/", "/accounts/ACC-1", "/?q=a+b&band=high", "/accounts/a%20b?did=close"]
)
def test_who_gives_a_key_is_led_to_the_page_that_was_wanted(api, nobody, wanted):
    token = api.token("viewer")
    method, action = form_of(nobody.get(wanted).text)
    assert method == "post"
    answer = nobody.post(action, data={"token": f" {token}\n"}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, wanted)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"leadline_token={token};")
    assert "HttpOnly" in cookie
    assert "no-store" in answer.headers["cache-control"]


def test_a_key_that_does_not_hold_is_said_so_and_the_page_stays_wanted(nobody):
    for _ in range(2):
        answer = nobody.post("/sign-in?next=%2Faccounts%2FACC-1", data={"token": "x"}, headers=OWN)
        assert (answer.status_code, ENDED in answer.text) == (401, True)
        assert form_of(answer.text) == ("post", "/sign-in?next=%2Faccounts%2FACC-1")
        assert "set-cookie" not in answer.headers
    plain = nobody.get("/sign-in")
    assert (plain.status_code, ENDED in plain.text) == (200, False)


def test_a_cookie_that_does_not_hold_asks_for_a_key_without_blame(nobody):
    answer = nobody.get("/", headers={"Cookie": "leadline_token=ll_x_of_another_port"})
    assert (answer.status_code, ENDED in answer.text) == (401, False)


@pytest.mark.parametrize("wanted", ["/", "/?q=a+b", "/accounts/a%20b?did=close"])
def test_a_key_in_an_address_goes_from_there_also_where_it_does_not_hold(nobody, wanted):
    answer = nobody.get(wanted + ("&" if "?" in wanted else "?") + "token=wrong")
    assert (answer.status_code, "set-cookie" in answer.headers) == (303, False)
    assert "no-store" in answer.headers["cache-control"]
    assert "wrong" not in answer.headers["location"]
    asked = nobody.get(answer.headers["location"])
    assert (asked.status_code, ENDED in asked.text) == (401, True)
    assert form_of(asked.text) == form_of(nobody.get(wanted).text)


def test_a_key_in_an_address_that_does_not_hold_signs_nobody_out(api, nobody):
    cookie = {"Cookie": f"leadline_token={api.token('viewer')}"}
    assert "set-cookie" not in nobody.get("/?token=wrong", headers=cookie).headers
    assert nobody.get("/", headers=cookie).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}]
)
def test_another_site_cannot_sign_anybody_in(api, nobody, headers):
    answer = nobody.post("/sign-in", data={"token": api.token("viewer")}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "elsewhere", ["https://other.example", "//other.example", "/\\other.example", "/\t/other", "x"]
)
def test_who_signs_in_is_led_to_no_other_site(api, nobody, elsewhere):
    path = "/sign-in?" + urlencode({"next": elsewhere})
    answer = nobody.post(path, data={"token": api.token("viewer")}, headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
