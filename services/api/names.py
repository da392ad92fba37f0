"""Names in paths and queries: what they may look like, said once.

PostgreSQL cannot even be asked for a text with a NUL in it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

NO_NUL = r"^[^\x00]*$"
WORDS = r"^[^\x00]*[^\x00\s][^\x00]*$"
"""Something to read, and no NUL: a reason of blanks is none."""
MAX_NAME = 256

AccountId = Annotated[str, Path(max_length=MAX_NAME, pattern=NO_NUL, examples=["ACC-0042"])]
AlertId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
RunId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
TaskId = Annotated[str, Path(max_length=MAX_NAME, pattern=NO_NUL)]
Name = Annotated[str | None, Query(max_length=MAX_NAME, pattern=NO_NUL)]
