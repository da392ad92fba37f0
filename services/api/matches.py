"""`If-Match` as requests give it: the tag of the state that the caller decided on."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator

_TAG = r'(W/)?"[!#-~]*"'
TAGS = rf"\*|{_TAG}( *, *{_TAG})*"
VERSION_OR_TAGS = rf"[0-9]{{1,9}}|{TAGS}"
_TAKES = 'takes the ETag of the state with its quotes, as in "3-b6589fc6ab0dc82c", or *'


def _reader(pattern: str, message: str) -> Callable[[str | None], str | None]:
    taken = re.compile(pattern)

    def read(given: str | None) -> str | None:
        """Return the header; raise ValueError for what can match no state whatever it is."""
        if given is not None and taken.fullmatch(given.strip()) is None:
            raise ValueError(message)
        return given

    return read


def _header(pattern: str, message: str) -> object:
    return Header(
        alias="If-Match",
        description=f"The state that was decided on: {message}. Another one is a 409.",
        json_schema_extra={"pattern": f"^({pattern})$"},
    )


AlertMatch = Annotated[
    str | None,
    AfterValidator(_reader(VERSION_OR_TAGS, f"{_TAKES}; or its version, as in 3")),
    _header(VERSION_OR_TAGS, f"{_TAKES}; or its version, as in 3"),
]
RunMatch = Annotated[str | None, AfterValidator(_reader(TAGS, _TAKES)), _header(TAGS, _TAKES)]
"""A run's `version` is its playbook's and says nothing of the run's own state."""
