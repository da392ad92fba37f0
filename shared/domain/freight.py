"""Which side chooses the forwarder: the field's free hand and nominated (routed) cargo.

Who says it outright (`nominated_by`) is believed; else the Incoterm tells who buys the main
carriage (Incoterms 2020, and the four of 2000 that systems still send).
"""

from __future__ import annotations

from typing import Any

UNKNOWN = (0, 0)
FREEHAND, NOMINATED = (1, 0), (0, 1)
"""How a booking counts: (chosen at the origin, chosen at the destination)."""

_NOMINATORS = {
    "shipper": FREEHAND, "us": FREEHAND, "consignee": NOMINATED, "agent": NOMINATED,
}  # fmt: skip
_TERMS = dict.fromkeys(("EXW", "FCA", "FAS", "FOB"), NOMINATED) | dict.fromkeys(
    ("CFR", "CIF", "CPT", "CIP", "DAP", "DPU", "DDP", "DAT", "DAF", "DES", "DEQ", "DDU"), FREEHAND
)


def choice_of(nominated_by: Any, incoterm: Any) -> tuple[int, int]:
    """Return how a booking counts; arguments are text, or false where they are unknown.

    An Incoterm may have its place behind it (`FOB Haiphong`).
    """
    if nominated_by:
        return _NOMINATORS.get(nominated_by, UNKNOWN)
    if not incoterm:
        return UNKNOWN
    found = _TERMS.get(incoterm)  # as nearly all write it
    return _TERMS.get(incoterm.lstrip()[:3].upper(), UNKNOWN) if found is None else found
