"""Why an account has its risk: addends of the log-odds, each said as a countable fact."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from services.signals.features.facts import EventRef, Facts
from services.signals.features.history import FloatArray, History
from services.signals.features.lookup import has_work
from services.signals.features.service_events import service_events
from services.signals.hazard.interface import Parts
from services.signals.scoring.evidence import Entry
from services.signals.scoring.lane_words import quiet_lane_text
from services.signals.scoring.scores import Explanation, Reason
from services.signals.scoring.words import count_text, day_text, days_text

CODES = {
    "silence": "silence",
    "rhythm": "booking_rhythm",
    "activity": "recent_activity",
    "volume": "volume_trend",
    "past": "customer_history",
    "interaction": "interaction",
}
"""Group of features -> code of its reason."""


class Words(NamedTuple):
    """How a customer's signs of life are told."""

    today: str
    ago: str
    none: str
    signs: str


BOOKED = Words(
    "Booked today ({date})",
    "Booked {days} ago (last on {date})",
    "No booking for {days} (last on {date})",
    "a booking or request",
)
WORKED = Words(
    "Booking or warehouse work today ({date})",
    "Last booking or warehouse work {days} ago ({date})",
    "No booking or warehouse work for {days} (last on {date})",
    "a booking, request or warehouse work",
)
REJECTED = Words(
    "Booking rejected today ({date})",
    "Booking rejected {days} ago ({date})",
    "No booking or request for {days} (last on {date}, rejected)",
    "a booking or request",
)


def explain_account(
    facts: Facts,
    past: History,
    volume: FloatArray,
    parts: Parts,
    entries: list[Entry],
    risk: float,
    index: int,
    rows: slice,
) -> Explanation:
    """Return base and reasons of one account; they sum to logit(risk) exactly.

    `parts` holds one row; `rows` are the account's booking rows. What the clipping of the risk
    takes away is the reason `limit`.
    """
    events = last_booking_events(facts, past, index, rows)
    words = WORKED if has_work(facts, rows) else BOOKED
    reasons = [
        Reason(
            CODES[group],
            float(value),
            _fact(group, facts, past, volume, index, rows, words, raises=bool(value > 0)),
            events,
            days_text(float(past.median_gap[index])) if group == "silence" else None,
        )
        for group, value in zip(parts.groups, parts.values[0], strict=True)
        if value  # a group without weight in this model explains nothing
    ]
    reasons += [
        Reason(one.code, one.log_odds, one.text, _events_of(one, facts, rows)) for one in entries
    ]
    logit = float(np.log(risk) - np.log1p(-risk))
    rest = logit - parts.base - sum(reason.contribution for reason in reasons)
    if abs(rest) > 1e-9:
        reasons.append(Reason("limit", rest, "Risk is kept between 0.1 % and 99.9 %", ()))
    reasons.sort(key=lambda reason: (-abs(reason.contribution), reason.code))
    return Explanation(parts.base, tuple(reasons))


def _events_of(one: Entry, facts: Facts, rows: slice) -> tuple[EventRef, ...]:
    return one.events if one.span is None else service_events(facts, rows, one.span)


def last_booking_events(
    facts: Facts, past: History, index: int, rows: slice
) -> tuple[EventRef, ...]:
    """Return the events of the last demand day, at most five."""
    day = facts.day[rows]
    shown = (day == past.last[index]) & (facts.effect_day[rows] < past.day)
    shown &= facts.sums["demand"][rows] > 0
    return facts.events_of(np.flatnonzero(shown) + rows.start)[:5]


def _fact(
    group: str,
    facts: Facts,
    past: History,
    volume: FloatArray,
    index: int,
    rows: slice,
    words: Words,
    *,
    raises: bool,
) -> str:
    if group == "silence":
        return _silence(past, index, words, raises=raises)
    if group == "rhythm":
        return _rhythm(past, index)
    if group == "activity":
        lane, counts = quiet_lane_text(facts, past.day, rows), _activity(past, index, words)
        return f"{lane}; all lanes: {counts}" if lane else counts
    if group == "volume":
        return _volume(volume, index)
    if group == "past":
        return _history(past, index, words)
    return "Several of these facts together"


def _silence(past: History, index: int, words: Words, *, raises: bool) -> str:
    """Return the days since the last sign of life, from the last day that the score has seen.

    A score as of a midnight, as of the running day's one, is of the end of the day before it. The
    longest gap before is said where this one is longer and that `raises` the risk: beside a short
    one it means little. Of how many gaps it was says how much it means.
    """
    days = float(past.recency[index]) - 1
    usual = f"the usual gap is {days_text(float(past.median_gap[index]))}"
    date = day_text(int(past.last[index]))
    if past.stood[index] < past.last[index]:
        words = REJECTED
    if days < 1:
        return f"{words.today.format(date=date)}; {usual}"
    since = {"days": days_text(days), "date": date}
    if days <= max(float(past.median_gap[index]), 1.0):
        return f"{words.ago.format(**since)}; {usual}"
    longest, gaps = float(past.max_gap[index]), int(past.n_days[index]) - 1
    before = f", the longest of {gaps} gaps was {days_text(longest)}"
    return f"{words.none.format(**since)}; {usual}{before if raises and days > longest else ''}"


def _rhythm(past: History, index: int) -> str:
    latest, usual = float(past.last3_gap[index]), float(past.mean_gap[index])
    gaps = min(int(past.n_days[index]) - 1, 3)
    return f"The last {gaps} gaps average {days_text(latest)}; all gaps {days_text(usual)}"


def _days_text(days: float, words: Words) -> str:
    """Return so many days of demand: a request that we refused is one too, and no booking."""
    return f"{days:.0f} day{'' if round(days) == 1 else 's'} with {words.signs}"


def _activity(past: History, index: int, words: Words) -> str:
    """Return the weak months, where there are some, and the counts."""
    latest = past.monthly[index]
    low = int((latest[:4] < latest.sum() / 24).sum())
    recent, before = float(latest[:3].sum()), float(latest[3:].sum())
    counts = (
        f"{_days_text(recent, words)} in the last 3 months;"
        f" {_days_text(before, words)} in the 9 before"
    )
    if low >= 2:
        usual = "the average of the last 12 months"
        return f"{low} of the last 4 months below half of {usual}; {counts}"
    return counts


def _volume(volume: FloatArray, index: int) -> str:
    share = 100 * float(volume[index, 1]) / 3
    usual = "its own average within the last 12 months"
    return f"Volume of the last 3 months at {share:.0f} % of {usual}"


def _history(past: History, index: int, words: Words) -> str:
    months = (past.day - int(past.first[index])) / 30.4375
    days = _days_text(float(past.n_days[index]), words)
    return f"Customer for {count_text(months, 'month')} with {days}"
