"""An alert as the machine knows it, and the memory that the fold keeps of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from services.signals.features.facts import EventRef
from services.signals.scoring.scores import Cuts, Scores
from shared.domain.alerts import MERGED, SNOOZE_ACTS


class PastEnd(msgspec.Struct, frozen=True):
    """An end by the machine that was taken back; times are microseconds."""

    at: int
    outcome: str | None
    because: str | None  # one of SUPPRESSIONS
    back_at: int

    @property
    def by_merge(self) -> bool:
        """Return whether a merge of its account ended the alert: its condition went on."""
        return self.because == MERGED


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """The machine's side of an alert, field by field as it is stored; times are microseconds."""

    alert_id: str
    account_id: str
    type: str
    reason_code: str
    reason_text: str
    scope: dict[str, Any]
    scope_key: str
    band: str | None
    risk_score: float | None
    list: str | None
    drivers: tuple[str, ...]
    evidence: tuple[EventRef, ...]
    owner_id: str
    owner_name: str | None
    playbook: str
    due_at: int
    pending_since: int
    opened_at: int | None = None
    recovering_since: int | None = None
    resolved_at: int | None = None
    outcome: str | None = None
    suppressed_reason: str | None = None
    deferred: bool = False
    expires_at: int | None = None
    notified_at: int | None = None
    previous_alert_id: str | None = None
    machine_version: int = 1
    updated_at: int = 0
    past_ends: tuple[PastEnd, ...] = ()

    @property
    def reopened_at(self) -> int | None:
        """Return when it was last taken up again."""
        return self.past_ends[-1].back_at if self.past_ends else None

    @property
    def asked_since(self) -> int | None:
        """Return since when its condition holds: merges come and go without changing it."""
        returns = [one.back_at for one in self.past_ends if not one.by_merge]
        return returns[-1] if returns else self.opened_at

    def taken_up(self, now: int) -> Alert:
        """Return the ended alert as it goes on from `now`; one that was open remembers its end."""
        end = PastEnd(self.resolved_at or now, self.outcome, self.suppressed_reason, now)
        ends = self.past_ends if self.opened_at is None else (*self.past_ends, end)
        return replace(self, resolved_at=None, outcome=None, suppressed_reason=None, past_ends=ends)


_LIVE = frozenset({"pending", "open", "suppressed"})


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the fold remembers of one dedupe key."""

    alert: Alert
    phase: str  # pending, open, suppressed, resolved, closed, expired
    count: int = 0  # daily evaluations in a row on which the condition held
    urgent: bool = False  # at once or by a floor: never deferred
    admitted: int | None = None  # day on which the weekly budget let it through
    ended: int | None = None  # microseconds of resolution, closing or expiry
    attended: bool = False  # a person acted on it
    notice: tuple[int, int] | None = None  # when the key was last notified, at which rank
    merged_from: str | None = None  # the phase in which a merge of its account ended it

    @property
    def is_live(self) -> bool:
        """Return whether the alert has not ended, be it open to see or not."""
        return self.phase in _LIVE


class History(msgspec.Struct, frozen=True, omit_defaults=True):
    """How many facts were old as of the day that was evaluated last, and whether more came."""

    day: int
    facts: int
    look_at: int | None = None  # microseconds, when to look at the days before again


class Track(msgspec.Struct, frozen=True, omit_defaults=True):
    """The memory of the alert fold of one account."""

    risks: tuple[float | None, ...] = ()  # points of the last evaluations, latest last
    bands: str = ""  # one character per evaluation, latest last
    entries: dict[str, Entry] = {}  # by dedupe key
    joined: tuple[str, ...] = ()  # accounts merged into this one, when last looked at
    merged: bool = False  # this one was merged into another, when last looked at
    history: History | None = None  # on the wall clock
    coverage: float = 1.0  # at the last evaluation: plays wait until enough of the inputs speak

    @property
    def look_back_at(self) -> int | None:
        """Return when to look at the days before again (microseconds), if history came."""
        return None if self.history is None else self.history.look_at


class Action(msgspec.Struct, frozen=True):
    """What a person did on an alert: acknowledge, snooze, resolve, or work on its run."""

    alert_id: str
    kind: str  # acknowledge, snooze, resolve, work
    at: int
    until: int | None = None
    outcome: str | None = None
    note: str | None = None


def changes_by(actions: Sequence[Action]) -> int:
    """Return by how much people's acts raise their alert's version: each one on it, work once."""
    worked = any(one.kind == "work" for one in actions)
    return sum(one.kind != "work" for one in actions) + worked


def snooze_end(actions: Sequence[Action]) -> int | None:
    """Return until when the latest snooze lasts; None without any, or once it was taken up."""
    return next((one.until for one in reversed(actions) if one.kind in SNOOZE_ACTS), None)


class AlertChange(msgspec.Struct, frozen=True):
    """One named change with the alert as it is afterwards.

    Kinds: pending (row appears), dropped (a pending that never opened: its row goes), opened,
    updated, recovering, resolved, suppressed, unsuppressed, expired, owner_changed, closed (a
    person's act was seen), deferred, promoted.
    """

    kind: str
    alert: Alert
    notify: bool = False


class ScoreView(msgspec.Struct, frozen=True):
    """One account's part of the scores of a day."""

    state: str
    risk_score: float | None  # points
    band: str | None
    list: str | None
    cuts: Cuts | None
    floor: str | None = None
    lost: bool = False
    drivers: tuple[str, ...] = ()  # codes of the strongest reasons


def score_view(scores: Scores, index: int, drivers: tuple[str, ...] = ()) -> ScoreView:
    """Return the account's view of the day's scores."""
    risk = float(scores.risk[index])
    floor = scores.floor[index]
    return ScoreView(
        scores.state[index],
        None if risk != risk else 100.0 * risk,  # noqa: PLR0124 - NaN is no score
        scores.band[index],
        scores.list[index],
        scores.cuts[index],
        None if floor is None else floor.code,
        bool(scores.lost[index]),
        drivers,
    )


def dump_track(track: Track) -> dict[str, Any]:
    """Return the track as JSON-able values."""
    return dict(msgspec.to_builtins(track))


def load_track(value: Mapping[str, Any] | None) -> Track:
    """Return the stored track; an empty one for an account never evaluated."""
    return Track() if value is None else msgspec.convert(value, Track)
