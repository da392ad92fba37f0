"""What the service record says of the risk: rolled, rejected, late and cancelled bookings."""

from __future__ import annotations

import numpy as np

from services.signals.features.masters import Master
from services.signals.features.operations import Operations, late_months_ago
from services.signals.scoring.evidence import Entry, entry
from services.signals.scoring.words import day_text

_MIN_CANCELLED = 3


def troubled(operations: Operations) -> set[int]:
    """Return the accounts that may have an entry, so that the others cost nothing."""
    some = (operations.rolled_day >= 0) | (operations.rejected_day >= 0)
    some |= operations.late.any(axis=1) | (operations.cancelled[:, 0] >= _MIN_CANCELLED)
    return {int(index) for index in np.flatnonzero(some)}


def service_entries(operations: Operations, index: int, master: Master, day: int) -> list[Entry]:
    """Return the evidence of one account's service record as of `day`."""
    found = [
        _burst("bookings_rolled", "3 or more bookings rolled", operations.rolled_day, index, day),
        _burst(
            "bookings_rejected", "2 or more bookings rejected", operations.rejected_day, index, day
        ),
        _late(operations, index, master),
        _cancelled(operations, index),
    ]
    return [one for one in found if one is not None]


def _burst(code: str, what: str, days: np.ndarray, index: int, day: int) -> Entry | None:
    last = int(days[index])
    if last < 0:
        return None
    text = f"{what} in the 30 days to {day_text(last)}"
    return entry(code, text, (), age_days=day - 1 - last)


def _late(operations: Operations, index: int, master: Master) -> Entry | None:
    back = late_months_ago(operations, index, master.on_time)
    if back is None:
        return None
    delivered = operations.delivered[index, back : back + 2].sum()
    late = operations.late[index, back : back + 2].sum()
    ago = "the last 2 months" if back == 0 else f"2 months running, {back} months ago"
    text = (
        f"{late:.0f} of {delivered:.0f} deliveries late in {ago}; "
        f"agreed are {100 * master.on_time:g} % on time"
    )
    return entry("late_deliveries", text, (), age_days=31.0 * back)


def _cancelled(operations: Operations, index: int) -> Entry | None:
    now, before = operations.cancelled[index]
    asked, asked_before = operations.demand[index]
    share = now / max(asked, 1.0)
    if now < _MIN_CANCELLED or share <= 2 * before / max(asked_before, 1.0):
        return None
    text = (
        f"{now:.0f} of {asked:.0f} bookings cancelled in 3 months; "
        f"{before:.0f} of {asked_before:.0f} in the 9 before"
    )
    return entry("cancellations_up", text, ())
