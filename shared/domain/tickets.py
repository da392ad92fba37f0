"""What an account's tickets amount to: one rule for their score, their alerts and their count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

PHASES = ("opened", "updated", "responded", "escalated", "solved", "reopened")
_RANK = {phase: at for at, phase in enumerate(PHASES)}
_OPENS = {"opened": True, "reopened": True, "solved": False}
"""The other phases leave a ticket as it was: who escalates a solved one has not reopened it."""


class Ticket(NamedTuple):
    """A ticket after some of its events, in order; one heard of late was open before."""

    is_open: bool = True
    kind: str | None = None

    def after(self, data: Mapping[str, Any]) -> Ticket:
        """Return the ticket after its next event."""
        return Ticket(_OPENS.get(data.get("phase", ""), self.is_open), data.get("kind", self.kind))

    @property
    def counts(self) -> bool:
        """Return whether it is a complaint or a claim: a request is neither."""
        return self.kind != "request"


def phase_rank(data: Mapping[str, Any]) -> int:
    """Return the place of a ticket's event among those of the same moment."""
    return _RANK.get(data.get("phase", ""), len(PHASES))


def ticket_name(data: Mapping[str, Any], ref: str) -> str:
    """Return a ticket as people know it, by one of its events; `ref` has its system before it.

    It cannot be cut out of that: both may have slashes.
    """
    return str(data.get("ticket_ref", ref))
