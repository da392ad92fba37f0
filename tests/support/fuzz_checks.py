"""Schemathesis' checks as this api needs them; Schemathesis loads this module itself.

A JSON Schema cannot say which cursor came from which list or that a time lies ahead. Its check
that valid data are accepted is therefore replaced by one that knows these rules, each by the
field and the words of the refusal; everything else about the check is Schemathesis' own.
"""

import itertools
import os

import schemathesis
from schemathesis.specs.openapi.checks import positive_data_acceptance

_numbers = itertools.count(1)
BEYOND_A_SCHEMA = {
    "query.cursor": "cursor",
    "query.from": "is after to",
    "query.to": "is after to",
    "body.until": ("must be after", "must be at most"),
    "body.playbook": "there is no playbook",
    "body.outcome": "a run with an alert closes with one of",
    "header.Idempotency-Key": "came before with another request",
}


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Give most good requests a key that nobody used: a key that came before is refused."""
    if case.meta.generation.mode.is_positive and "Idempotency-Key" in (case.headers or {}):
        number = next(_numbers)
        if number % 4:
            case.headers["Idempotency-Key"] = f"fuzz-{os.getpid()}-{number}"


@schemathesis.check
def valid_requests_are_accepted(ctx, response, case):
    """Pass what `positive_data_acceptance` passes, and the refusals that no schema could say."""
    try:
        return positive_data_acceptance(ctx, response, case)
    except AssertionError:
        if response.status_code != 422 or not _beyond_a_schema(response.json()["errors"]):
            raise
    return None


def _beyond_a_schema(errors):
    return bool(errors) and all(
        any(words in one["message"] for words in _words(one["path"])) for one in errors
    )


def _words(path):
    words = BEYOND_A_SCHEMA.get(path, ())
    return words if isinstance(words, tuple) else (words,)
