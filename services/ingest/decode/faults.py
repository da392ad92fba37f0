"""msgspec's errors to reasons and paths; only ever reached by input that is refused."""

from __future__ import annotations

import re

import msgspec

from services.ingest.decode.fact import Reason, Refused

_PLACE = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(?P<field>[^`]*)`")
_RANGE = re.compile(
    r"Expected `(float|int)` [<>]|[Nn]umber out of range|Integer value out of range"
)
_UNFIT = "matching regex"
_NAIVE = "with a timezone component"
_MONEY = {"amount", "annual_margin"}
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


class Fault(Exception):  # noqa: N818  # carries what was found, for the caller to name
    """A field that does not fit, with its path from the root given."""

    def __init__(self, reason: Reason, path: str, what: str) -> None:
        super().__init__(reason, path, what)
        self.reason, self.path, self.what = reason, path, what

    def refused(self) -> Refused:
        """Return the verdict that names the path."""
        return Refused(self.reason, f"{self.path}: {self.what}" if self.path else self.what)


def explain(error: msgspec.ValidationError, root: str) -> Fault:
    """Turn msgspec's message into a reason and a path such as `data.revenue.amount`."""
    match = _PLACE.match(str(error))
    what, path = (match["what"], match["path"]) if match else (str(error), None)
    path = root + (path or "$").removeprefix("$")
    missing = _MISSING.search(what)
    if missing:
        return Fault("missing_field", f"{path}.{missing['field']}".lstrip("."), "is required")
    path = path.lstrip(".")
    if _NAIVE in what:
        return Fault("naive_time", path, "a time needs its offset, such as Z or +07:00")
    if _RANGE.search(what):
        return Fault("number_out_of_range", path, what)
    if path.endswith(".id") and _UNFIT in what:  # of a person
        what = "must not be blank, nor have control characters"
    return Fault("invalid_field", path, what)


def regraded(fault: Fault, document: bytes) -> Fault:
    """Return the fault with the finer reason that the value itself shows.

    A decimal text or a moment that fails its pattern may be a number out of range or a time
    without an offset; msgspec only says that the pattern failed.
    """
    if fault.reason != "invalid_field" or _UNFIT not in fault.what:
        return fault
    value = _value_at(document, fault.path.split(".")[1:])
    if not isinstance(value, str):
        return fault
    if fault.path.rsplit(".", 1)[-1] in _MONEY:
        if _DECIMAL.fullmatch(value) or value.lstrip("+-").lower() in {"nan", "inf", "infinity"}:
            return Fault("number_out_of_range", fault.path, "must be a plain decimal under 1e12")
        return Fault("invalid_field", fault.path, "must be a decimal")
    if re.fullmatch(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?", value):
        return Fault("naive_time", fault.path, "a time needs its offset, such as Z or +07:00")
    return Fault("invalid_field", fault.path, "must be a day or a time with an offset")


def _value_at(document: bytes, path: list[str]) -> object:
    value: object = None
    try:
        value = msgspec.json.decode(document)
    except (ValueError, RecursionError):
        return None
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
