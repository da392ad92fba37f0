"""The named stories: one account each (the silent feed: several), with what must follow.

Days are counted back from the simulation's end, so that a story reads the same at any length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["alert", "silent"]


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to an account near the end, and whether it must raise an alert."""

    code: str
    accounts: tuple[str, ...]  # names
    outcome: Outcome
    alert_types: tuple[str, ...]  # one of these must be open (outcome alert)
    starts: int  # days before the end
    text: str


STORIES = (
    Story(
        "silent_lane",
        ("Hai Phong Fine Furniture",),
        "alert",
        ("silent_lane_loss",),
        56,
        "its Hai Phong - Hamburg lane went quiet while the other lanes grew",
    ),
    Story(
        "champion_left",
        ("Saigon Footwear Group",),
        "alert",
        ("stakeholder",),
        12,
        "its champion left and named no successor; bookings go on as ever",
    ),
    Story(
        "complaint_burst",
        ("Mekong Frozen Seafood",),
        "alert",
        ("complaint",),
        28,
        "five complaints in four weeks, one of them severe and still open",
    ),
    Story(
        "slow_fade",
        ("Santos Ceramics",),
        "alert",
        ("churn_risk", "volume_erosion"),
        240,
        "bookings thin out over eight months",
    ),
    Story(
        "tender_lost",
        ("Rhine Auto Parts",),
        "alert",
        ("churn_risk", "volume_erosion"),
        110,
        "lost the yearly tender to a competitor, then the lanes ran dry",
    ),
    Story(
        "seasonal_dip",
        ("Central Highlands Coffee Export",),
        "silent",
        (),
        60,
        "out of its own season, as in the years before",
    ),
    Story(
        "silent_feed",
        (
            "Can Tho Rice Mills",
            "Vung Tau Steel Trading",
            "Dong Nai Rubber",
            "Binh Duong Garments",
            "Long An Packaging",
            "Tay Ninh Cassava",
            "Ba Ria Glass",
            "Ca Mau Shrimp",
            "Ben Tre Coconut",
        ),
        "silent",
        (),
        14,
        "the southern transport system stopped sending; the customers did not leave",
    ),
    Story(
        "project_ended",
        ("Quang Ngai Wind Park",),
        "silent",
        (),
        45,
        "a project that was delivered and closed",
    ),
    Story(
        "credit_hold",
        ("Parana Paper Mill",),
        "silent",
        (),
        35,
        "we hold the account for unpaid invoices",
    ),
    Story(
        "renewal_near",
        ("Hai Duong Kitchenware",),
        "alert",
        ("renewal",),
        10,
        "its yearly agreement ends in 80 days; bookings go on as ever",
    ),
    Story(
        "terms_turned",
        ("Bac Giang Solar Panels",),
        "alert",
        ("nomination_shift",),
        45,
        "sells FOB in place of CIF now: its buyer chooses the forwarder; bookings go on as ever",
    ),
)

BY_ACCOUNT: Mapping[str, Story] = {name: story for story in STORIES for name in story.accounts}

COFFEE_MONTHS = (1.2, 1.2, 1.2, 1.0, 0.15, 0.1, 0.1, 0.1, 0.1, 0.5, 1.1, 1.2)
LOST_LANE_DAYS = 56
TERMS_TURNED_DAYS = 45
DECLINES: Mapping[str, tuple[int, int, float]] = {
    "slow_fade": (240, 0, 0.12),
    "tender_lost": (100, 62, 0.0),
    "project_ended": (46, 45, 0.0),
    "credit_hold": (36, 35, 0.0),
}
"""Days before the end at which a decline begins and ends, and the ratio that it leaves."""


def rate_ratio(code: str, lane: int, days_left: int, month: int) -> float:
    """Return the ratio of bookings that a story leaves of a lane.

    `days_left` is the number of days to the simulation's end, `month` 1..12.
    """
    if code == "silent_lane":
        lost, grown = (0.0, 1.35) if days_left <= LOST_LANE_DAYS else (1.0, 1.0)
        return lost if lane == 0 else grown
    if code == "seasonal_dip":
        return COFFEE_MONTHS[month - 1]
    if code in DECLINES:
        first, last, floor = DECLINES[code]
        return floor + (1 - floor) * max(0.0, min(1.0, (days_left - last) / (first - last)))
    return 1.0


def incoterm(code: str, lane: int, days_left: int, usual: str) -> str:
    """Return the Incoterm of a lane's bookings in a story."""
    if code != "terms_turned" or lane != 0:
        return usual
    return "FOB" if days_left <= TERMS_TURNED_DAYS else "CIF"
