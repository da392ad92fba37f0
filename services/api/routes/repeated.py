"""Requests whose work is another package's transaction, sent again under one Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable

from services.api.answers import Answer
from services.api.commands import Repeatable, keep_answer, kept_answer
from services.api.context import Context


def once(context: Context, repeat: Repeatable | None, work: Callable[[], Answer]) -> Answer:
    """Do it and keep the answer; the work itself bears repetition."""
    if repeat is not None and (kept := kept_answer(context.database, repeat)) is not None:
        return kept
    answer = work()
    if repeat is not None:
        keep_answer(context.database, repeat, answer)
    return answer
