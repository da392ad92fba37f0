"""Why an ordinary account leaves: a monthly hazard with known log-odds.

These are the effects that a model should find again in the data.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

BASE_LOG_ODDS = math.log(0.004 / 0.996)
SEVERE_COMPLAINT_LOG_ODDS = 1.6
CHAMPION_LEFT_LOG_ODDS = 2.0
MEMORY_MONTHS = 3
"""For how long an incident raises the hazard."""

MONTHLY_COMPLAINT = 0.07
SEVERE_SHARE = 0.1
MONTHLY_CHAMPION_LEAVES = 0.006
FADE_DAYS = 45
"""From the decision to leave to the last booking."""


@dataclass(slots=True)
class Fate:
    """What has happened to one ordinary account so far; months count from the start."""

    complaint_month: int = -99
    severe_month: int = -99
    champion_left_month: int = -99
    leaving_day: int | None = None  # days since the start, of the decision

    def decides_to_leave(self, month: int, random: Random) -> bool:
        """Draw this month's decision."""
        log_odds = BASE_LOG_ODDS
        if month - self.severe_month <= MEMORY_MONTHS:
            log_odds += SEVERE_COMPLAINT_LOG_ODDS
        if month - self.champion_left_month <= MEMORY_MONTHS:
            log_odds += CHAMPION_LEFT_LOG_ODDS
        return random.random() < 1 / (1 + math.exp(-log_odds))

    def ratio(self, day: int) -> float:
        """Return what is left of the bookings, 0..1."""
        if self.leaving_day is None:
            return 1.0
        return max(0.0, 1 - (day - self.leaving_day) / FADE_DAYS)
