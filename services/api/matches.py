"""`If-Match` as requests give it: the state that the caller decided on."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator

_TAG = r'(W/)?"[!#-~]*"'
PATTERN = rf"^([0-9]{{1,9}}|\*|{_TAG}( *, *{_TAG})*)$"
TAKES = (
    'takes the ETag of the state with its quotes, as in "3-b6589fc6ab0dc82c",'
    " an alert's bare version, as in 3, or *"
)


def read_match(given: str | None) -> str | None:
    """Return the header; raise ValueError for what can be no state's."""
    if given is not None and re.match(PATTERN, given.strip()) is None:
        raise ValueError(TAKES)
    return given


IfMatch = Annotated[
    str | None,
    AfterValidator(read_match),
    Header(
        alias="If-Match",
        description=f"The state that was decided on; another one is a 409. It {TAKES}.",
        json_schema_extra={"pattern": PATTERN},
    ),
]
