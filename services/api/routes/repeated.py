"""Requests whose work is another package's transaction, sent again under one Idempotency-Key."""

from __future__ import annotations

from collections.abc import Callable

from services.api.answers import Answer
from services.api.commands import Repeatable, claim, keep_answer, kept_answer, release
from services.api.context import Context
from services.api.problems import ProblemError


def nothing_done() -> Answer | None:
    """Return None: this work is not refused for having been done."""
    return None


def once(
    context: Context,
    repeat: Repeatable | None,
    work: Callable[[], Answer],
    done: Callable[[], Answer | None] = nothing_done,
) -> Answer:
    """Do it and keep the answer; the work itself bears repetition.

    The key is taken before the work: two other requests under one key at the same time would both
    be done. Where the same request came before and left no answer, `done` gives it if the work
    was done, although the state that it made refuses the repetition.
    """
    if repeat is None:
        return work()
    standing = claim(context.database, repeat)
    if standing.answer is not None:
        return standing.answer
    try:
        answer = work()
    except BaseException as error:
        if isinstance(error, ProblemError):
            # The same request was faster, and may be what refuses this one: its answer counts.
            if kept := kept_answer(context.database, repeat):
                return kept
            # Or it has done the work, and keeps its answer after this, or died before it could.
            if standing.again and (found := done()):
                keep_answer(context.database, repeat, found)
                return found
        release(context.database, repeat)
        raise
    keep_answer(context.database, repeat, answer)
    return answer
