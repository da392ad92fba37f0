import pytest

from shared.domain.merges import Merge, merge_of

NAMED = {
    "A": "B", "B": "C", "C": None,
    "X": "Y", "Y": "X", "TO_X": "X",
    "LOST": "NOBODY", "TO_LOST": "LOST",
}  # fmt: skip


@pytest.mark.parametrize(
    ("account", "merge"),
    [
        ("C", None),
        ("B", Merge("C")),
        ("A", Merge("C")),
        ("X", Merge("Y", "circle")),
        ("TO_X", Merge("X", "circle")),
        ("LOST", Merge("NOBODY", "unknown_account")),
        ("TO_LOST", Merge("LOST", "unknown_account")),
    ],
)
def test_merges_are_followed_to_their_end_or_have_no_effect(account, merge):
    assert merge_of(account, NAMED.__getitem__) == merge
