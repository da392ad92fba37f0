"""What `leadline doctor` finds: a line each, and how a check says that something is amiss."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

LONG = timedelta(minutes=2)
"""What waits, or says nothing, for longer than this is worth a word."""


class Finding(NamedTuple):
    """One line of the report."""

    name: str
    ok: bool
    text: str
    fix: str | None = None  # what to do
    warned: bool = False  # it holds, and is not what anybody wants to keep
    groups: Sequence[Sequence[str]] = ()  # of account ids that look alike


class Fault(Exception):  # noqa: N818 - it is said, not handled
    """What a check found fails it, and `fix` says what to do."""

    def __init__(self, text: str, *, fix: str) -> None:
        super().__init__(text)
        self.fix = fix


class Caution(Exception):  # noqa: N818 - it fails nothing
    """What a check found is no fault, yet to be mended: the message says how, unless `fix` does."""

    def __init__(
        self, text: str, *, fix: str | None = None, groups: Sequence[Sequence[str]] = ()
    ) -> None:
        super().__init__(text)
        self.fix, self.groups = fix, groups
