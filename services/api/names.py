"""Names in paths and queries: what they may look like, said once.

PostgreSQL cannot even be asked for a text with a NUL in it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query

NO_NUL = r"^[^\x00]*$"
MAX_NAME = 256

AccountId = Annotated[str, Path(max_length=MAX_NAME, pattern=NO_NUL, examples=["ACC-0042"])]
AlertId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
RunId = Annotated[str, Path(max_length=64, pattern=NO_NUL)]
TaskId = Annotated[str, Path(max_length=MAX_NAME, pattern=NO_NUL)]
Name = Annotated[str | None, Query(max_length=MAX_NAME, pattern=NO_NUL)]
