"""A failure of our own code on one record: it is named as well, so that the record is kept."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from services.ingest.decode.fact import Refused, Rejection

UNDECODABLE: Final = "undecodable"


def undecodable(error: Exception) -> Rejection:
    """Return the verdict on a record that made our code fail, with the place to mend."""
    what = f"{type(error).__name__} at {_place(error)}: {error}"
    return Refused(UNDECODABLE, what).rejection()


def _place(error: Exception) -> str:
    """Return file and line where it was raised, as far as they are known."""
    trace = error.__traceback__
    if trace is None:
        return "?"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
