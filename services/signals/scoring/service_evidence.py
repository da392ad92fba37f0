"""What the service record says of the risk: rolled, rejected, late and cancelled bookings."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from services.signals.features.history import FloatArray
from services.signals.features.operations import Operations, late_months_ago, more_cancelled
from services.signals.features.service_events import ServiceSpan
from services.signals.features.windows import WINDOW_DAYS
from services.signals.scoring.evidence import Entry, entry
from services.signals.scoring.words import day_text


def service_entries(
    operations: Operations, on_time: FloatArray, day: int
) -> dict[int, list[Entry]]:
    """Return the evidence of the service record per account that has some, as of `day`.

    `on_time` (n,) is the agreed share of deliveries on time.
    """
    found: dict[int, list[Entry]] = defaultdict(list)
    for index in np.flatnonzero(operations.rolled_day >= 0).tolist():
        last = int(operations.rolled_day[index])
        found[index].append(_burst("rolled", "3 or more bookings rolled", last, day))
    for index in np.flatnonzero(operations.rejected_day >= 0).tolist():
        last = int(operations.rejected_day[index])
        found[index].append(_burst("rejected", "2 or more bookings rejected", last, day))
    ago = late_months_ago(operations, on_time)
    for index in np.flatnonzero(ago >= 0).tolist():
        found[index].append(_late(operations, index, int(ago[index]), float(on_time[index]), day))
    for index in np.flatnonzero(more_cancelled(operations)).tolist():
        found[index].append(_cancelled(operations, index, day))
    return found


def _burst(name: str, what: str, last: int, day: int) -> Entry:
    text = f"{what} in the 30 days to {day_text(last)}"
    span = ServiceSpan(name, last - 29, last + 1)
    return entry(f"bookings_{name}", text, (), age_days=day - 1 - last, span=span)


def _late(operations: Operations, index: int, ago: int, on_time: float, day: int) -> Entry:
    delivered = operations.delivered[index, ago : ago + 2].sum()
    late = operations.late[index, ago : ago + 2].sum()
    months = "a month" if ago == 1 else f"{ago} months"
    when = "the last 2 months" if ago == 0 else f"2 months running, {months} ago"
    agreed = f"agreed are {100 * on_time:g} % on time"
    text = f"{late:.0f} of {delivered:.0f} deliveries late in {when}; {agreed}"
    span = ServiceSpan("late", day - 31 * (ago + 2), day - 31 * ago)
    return entry("late_deliveries", text, (), age_days=31.0 * ago, span=span)


def _cancelled(operations: Operations, index: int, day: int) -> Entry:
    now, before = operations.cancelled[index]
    asked, asked_before = operations.demand[index]
    text = (
        f"{now:.0f} of {asked:.0f} bookings cancelled in 3 months; "
        f"{before:.0f} of {asked_before:.0f} in the 9 before"
    )
    span = ServiceSpan("cancelled", day - WINDOW_DAYS[3], day)
    return entry("cancellations_up", text, (), span=span)


def coverage_entry(coverage: float) -> Entry:
    """Return that a share of the inputs is silent."""
    text = f"{100 * (1 - coverage):.0f} % of the inputs are silent"
    return entry("inputs_silent", text, (), factor=1.0 - coverage)
