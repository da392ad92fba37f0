"""Requests whose work is another package's transaction, sent again under one Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable

from services.api.answers import Answer
from services.api.commands import Repeatable, claim, keep_answer, kept_answer, release
from services.api.context import Context
from services.api.problems import ProblemError


def once(context: Context, repeat: Repeatable | None, work: Callable[[], Answer]) -> Answer:
    """Do it and keep the answer; the work itself bears repetition.

    The key is taken before the work: two other requests under one key at the same time would both
    be done.
    """
    if repeat is None:
        return work()
    if (kept := claim(context.database, repeat)) is not None:
        return kept
    try:
        answer = work()
    except BaseException as error:
        release(context.database, repeat)
        # The same request was faster, and may be what refuses this one: its answer counts.
        if isinstance(error, ProblemError) and (kept := kept_answer(context.database, repeat)):
            return kept
        raise
    keep_answer(context.database, repeat, answer)
    return answer
