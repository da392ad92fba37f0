"""Accounts are found without case and accents, by part of name or id, on both databases."""

import pytest

from services.api.paging import Page
from services.api.principal import Principal
from services.api.queries.accounts import AccountFilter, account_page
from shared.domain.rates import Rates
from tests.support.factories import NOW, Factory

NAMES = {
    "VN-1": "Sơn Trà Export Co.",
    "VN-2": "Công ty Đại Dương",
    "BR-1": "São Paulo Cafés",
    "DE-1": "LÜBECK Straßenbau",
    "PL-1": "Łódź Æon",
    "KH-É1": None,
    "X-1": "100 % Nữ_Hoàng",
}


@pytest.fixture
def found(database):
    factory = Factory(database)
    for account, name in NAMES.items():
        factory.account(account, name=name)

    def found_by(q):
        with database.read() as connection:
            worth, wanted = Rates("USD").at(NOW), AccountFilter(q=q)
            page = account_page(connection, Principal("key", "manager"), wanted, Page(50), worth)
        return [one["account_id"] for one in page["items"]]

    return found_by


@pytest.mark.parametrize(
    ("q", "account"),
    [
        ("son tra", "VN-1"), ("SƠN TRÀ", "VN-1"), ("sơn tra\u0300", "VN-1"), ("EXPORT co.", "VN-1"),
        ("dai duong", "VN-2"), ("ĐẠI", "VN-2"), ("sao paulo", "BR-1"), ("CAFES", "BR-1"),
        ("lubeck", "DE-1"), ("lübeck STRASSEN", "DE-1"), ("lodz aeon", "PL-1"), ("łódź", "PL-1"),
        ("kh-e", "KH-É1"), ("0 % nu_h", "X-1"),
    ],
)  # fmt: skip
def test_a_part_finds_the_account_whatever_case_and_accents(found, q, account):
    assert found(q) == [account]


@pytest.mark.parametrize("q", ["sontra", "son%", "nu-hoang", "nu.hoang", "\\"])
def test_what_is_not_there_is_not_found(found, q):
    assert found(q) == []
