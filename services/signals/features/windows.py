"""Windows back from the evaluation day, in days.

A window of m months is the longest run of days that m calendar months can have, so somebody who
books once a month, always on the same date, is never missed by a window. Windows are counted back
from `as_of`: the last month of day D is [D - 31, D).
"""

from __future__ import annotations

MONTH_DAYS = 365.25 / 12
"""Mean length of a month, for rates and bins."""

WINDOW_DAYS = {1: 31, 3: 92, 6: 184, 12: 366}
"""Months -> days of the trailing window."""

HORIZON_DAYS = 3 * MONTH_DAYS
"""The look-ahead of the risk: three months."""
