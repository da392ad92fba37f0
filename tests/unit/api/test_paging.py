"""Cursors come back as they went, and nothing else is one."""

import pytest

from services.api.paging import make_cursor, read_cursor
from services.api.problems import ProblemError


@pytest.mark.parametrize("value", ["", "é", "a" * 300, 'q"'])
def test_a_cursor_comes_back(value):
    assert read_cursor(make_cursor("name", value, "x"), "name", (str, str)) == [value, "x"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "====", make_cursor("other", "a", "b"), make_cursor("name", "a"),
     make_cursor("name", 1, "b"), make_cursor("name", None, "b"), make_cursor("name", "\0", "b")],
)  # fmt: skip
def test_anything_else_is_refused(cursor):
    with pytest.raises(ProblemError) as refused:
        read_cursor(cursor, "name", (str, str))
    assert refused.value.status == 422
    assert refused.value.errors[0]["path"] == "query.cursor"
