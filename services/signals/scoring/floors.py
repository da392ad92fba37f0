"""Floors: facts that lift the band to at least high, whatever the risk."""

from __future__ import annotations

from services.signals.features.complaints import Complaint
from services.signals.features.contacts import Contact
from services.signals.features.facts import DAY_MICROS, IntArray
from services.signals.scoring.complaint_evidence import open_beyond_sla
from services.signals.scoring.scores import Floor

LEFT_DAYS = 60
_CYCLES = 2


def find_floor(
    tickets: tuple[Complaint, ...],
    contacts: tuple[Contact, ...],
    *,
    day: int,
    closure_hours: float,
    cycle: float,
    demand_days: IntArray,
) -> Floor | None:
    """Return the floor of an account as of `day`: a patron who left, else a severe complaint.

    `cycle` is the account's median gap in days, `demand_days` its demand days, ascending.
    """
    left = [one for one in contacts if _is_missed(one, day, cycle, demand_days)]
    if left:
        return Floor("stakeholder_left", tuple(one.event for one in left))
    severe = [one for one in tickets if open_beyond_sla(one, day, closure_hours)]
    if severe:
        return Floor("severe_complaint", tuple(ref for one in severe for ref in one.events))
    return None


def _is_missed(one: Contact, day: int, cycle: float, demand_days: IntArray) -> bool:
    """Return whether a sponsor or champion left and the account has not yet got over it.

    It has when a successor is named and, since then, two own cycles passed with two demand days;
    in any case after 60 days.
    """
    if one.left is None or not one.is_patron:
        return False
    if day * DAY_MICROS - one.left > LEFT_DAYS * DAY_MICROS:
        return False
    if one.successor is None:
        return True
    since = one.successor / DAY_MICROS
    booked = int((demand_days >= since).sum())
    return day - since < _CYCLES * cycle or booked < _CYCLES
