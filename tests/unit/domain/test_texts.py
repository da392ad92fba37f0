"""Names and ids that look like nothing, or like another one."""

import pytest

from shared.domain.texts import is_blank, name_of, plain_id


@pytest.mark.parametrize("blank", [None, "", " ", "\t \n", "\u200b", " \u00a0\u2060"])
def test_a_name_without_anything_to_see_is_none(blank):
    assert name_of(blank) is None


@pytest.mark.parametrize("name", ["Aurora", " Aurora", "Sơn Trà", "山", "A\u200dB"])
def test_any_other_name_stays_as_it_was_sent(name):
    assert name_of(name) == name


@pytest.mark.parametrize(
    "blank", ["", "  ", "\u200b", "\u200d\ufeff", " \u00ad\u2060 ", "\u3164", "\u2800", "\u202e"]
)
def test_an_id_without_anything_to_see_is_blank(blank):
    assert is_blank(blank)


@pytest.mark.parametrize("ident", ["kam-linh", "山", " 1 ", "\u200bkam", "A\u200dB"])
def test_an_id_with_something_to_see_is_not(ident):
    assert not is_blank(ident)


@pytest.mark.parametrize(
    ("ident", "shown"),
    [
        ("ACC-0042", "ACC-0042"),
        ("Sơn Trà 1", "Sơn Trà 1"),
        (" ACC ", "␣ACC␣"),
        ("ACC\u200b-1", "ACC<U+200B>-1"),
        ("\u00a0ACC", "<U+00A0>ACC"),
        ("  ", "␣␣"),
    ],
)
def test_an_id_shows_what_it_holds(ident, shown):
    assert plain_id(ident) == shown
