"""Cursors come back as they went, and nothing else is one."""

import pytest

from services.api.paging import Question, make_cursor, read_cursor
from services.api.problems import ProblemError
from services.api.queries.accounts import AccountFilter
from services.api.queries.alerts import AlertFilter

NAME, OTHER = Question("name"), Question("other")


@pytest.mark.parametrize("value", ["", "é", "a" * 300, 'q"'])
def test_a_cursor_comes_back(value):
    assert read_cursor(make_cursor(NAME, value, "x"), NAME, (str, str)) == [value, "x"]


@pytest.mark.parametrize(
    "cursor",
    ["", "x", "é", "====", make_cursor(OTHER, "a", "b"), make_cursor(NAME, "a"),
     make_cursor(NAME, 1, "b"), make_cursor(NAME, None, "b"), make_cursor(NAME, "\0", "b")],
)  # fmt: skip
def test_anything_else_is_refused(cursor):
    with pytest.raises(ProblemError) as refused:
        read_cursor(cursor, NAME, (str, str))
    assert refused.value.status == 422
    assert refused.value.errors[0]["path"] == "query.cursor"


@pytest.mark.parametrize(
    ("given", "used", "fits"),
    [
        (AccountFilter(band="high"), AccountFilter(band="high"), True),
        (AccountFilter(band="high"), AccountFilter(band="critical"), False),
        (AccountFilter(band="high"), AccountFilter(list="high"), False),
        (AccountFilter(), AccountFilter(sort="-id"), False),
        (AccountFilter(among=("A",)), AccountFilter(among=("A", "B")), True),  # they come and go
        (AccountFilter(among=("A",)), AccountFilter(), False),
        (AlertFilter(("open", "snoozed")), AlertFilter(("snoozed", "open", "open")), True),
        (AlertFilter(deferred=False), AlertFilter(), False),
    ],
)
def test_a_cursor_belongs_to_the_filter_and_the_order_that_gave_it(given, used, fits):
    cursor = make_cursor(given.question, "a")
    if fits:
        assert read_cursor(cursor, used.question, (str,)) == ["a"]
        return
    with pytest.raises(ProblemError) as refused:
        read_cursor(cursor, used.question, (str,))
    said = "order" if given.question.order != used.question.order else "keep the filter"
    assert said in refused.value.detail
