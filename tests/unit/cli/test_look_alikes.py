"""Which account ids a person would take for one."""

import pytest

from services.cli.look_alikes import look_alikes


@pytest.mark.parametrize(
    "other",
    ["ACC-1 ", " ACC-1", "ACC-1\u00a0", "ACC-1\u200b", "\ufeffACC-1", "\uff21CC-1", "acc-1"],
    ids=[
        "blank after",
        "blank before",
        "no-break space",
        "zero width",
        "byte order",
        "full width",
        "case",
    ],
)
def test_ids_that_are_seen_as_one_are_found(other):
    assert look_alikes(["ACC-2", other, "ACC-1"]) == [sorted(["ACC-1", other])]


def test_two_forms_of_one_letter_and_more_than_two_spellings_are_one_group():
    composed, apart = "São 1", "Sa\u0303o 1"
    assert look_alikes([composed, "Sao 1", apart, "São  1"]) == [
        sorted([composed, apart, "São  1"])
    ]


@pytest.mark.parametrize("ids", [[], ["ACC-1"], ["A B", "AB"], ["É", "E"]])
def test_ids_that_differ_to_the_eye_are_left_alone(ids):
    assert look_alikes(ids) == []


def test_case_is_no_spelling_in_the_ids_of_accounts_that_salesforce_gives():
    first, second = "0015g00000Ab1Cd", "0015g00000Ab1cD"
    assert look_alikes([first, second]) == []
    assert look_alikes([first, second, f"{first} "]) == [[first, f"{first} "]]
