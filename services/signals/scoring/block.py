"""Scores of a block of accounts as of any day: prepared once, evaluated fast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from services.signals.features.dropout import DropoutParams
from services.signals.features.facts import Facts
from services.signals.features.feeds import Clock, Feeds
from services.signals.features.history import DemandDays, History
from services.signals.features.matrix import FeatureMatrix, feature_matrix
from services.signals.features.volume import VolumeLook, VolumeTable
from services.signals.features.windows import WINDOW_DAYS
from services.signals.hazard.forecast import early_warning, forecast
from services.signals.hazard.interface import LossModel, Parts
from services.signals.scoring.bands import band_of, list_cuts
from services.signals.scoring.book import EvidenceBook
from services.signals.scoring.evidence import (
    PRIORS,
    Entry,
    capped,
    learned_evidence,
    weighed,
)
from services.signals.scoring.floors import find_floor
from services.signals.scoring.reasons import explain_account
from services.signals.scoring.scores import (
    ACTIVE_AT_RISK,
    GOING_SILENT,
    MIN_COVERAGE,
    Cuts,
    Explanation,
    FloatArray,
    Floor,
    Scores,
)

BoolArray = npt.NDArray[np.bool_]
MIN_BOOKING_DAYS = 3
LOST_DAYS = 92
_ROUNDING = 1e-9
SPLIT = 64


@dataclass(frozen=True, slots=True)
class Picture:
    """What was looked at for the scores of one day; explanations read it again."""

    past: History
    volume: VolumeLook
    features: FeatureMatrix
    entries: dict[int, list[Entry]]
    coverage: FloatArray
    affected: BoolArray


class BlockEvaluator:
    """Scores the accounts of `facts` with `model`; nothing at or after the day is looked at."""

    def __init__(
        self, facts: Facts, model: LossModel, *, clock: Clock, now_hour: int | None = None
    ) -> None:
        self.facts = facts
        self._model, self._clock, self._now_hour = model, clock, now_hour
        self._params = model.dropout
        self._cuts = list_cuts(model.cuts)
        self._demand, self._volume = DemandDays(facts), VolumeTable(facts)
        self._feeds, self._book = Feeds(facts), EvidenceBook(facts)
        learned = learned_evidence(getattr(model, "manifest", {}))
        self._weights, self._offset = learned.weights, learned.offset
        self._shift = learned.offset
        self._picture: Picture | None = None
        self._split: dict[int, Parts] = {}  # of the picture's features, by block of rows

    def use(self, params: DropoutParams, shift: float = 0.0) -> None:
        """Take the drop-out parameters of this population, and the market's shift, from now on.

        The shift is the log-odds by which everybody's risk differs for now; it belongs to `base`.
        """
        self._params, self._shift = DropoutParams(*params), self._offset + shift
        self._picture = None

    def scores(self, day: int) -> Scores:
        """Return the scores as of 00:00 UTC of `day`."""
        picture = self._look(day)
        past, coverage, affected = picture.past, picture.coverage, picture.affected
        curve = self._curve(picture)
        lost = lost_accounts(past)
        unknown = (coverage < MIN_COVERAGE) | (past.n_days < MIN_BOOKING_DAYS)
        curve[unknown] = np.nan
        state = np.select(
            [affected, unknown, lost], ["no_data", "insufficient_data", "lost"], "scored"
        )
        active = (past.n_days > 0) & (past.recency <= WINDOW_DAYS[1])
        cuts = [self._cuts[ACTIVE_AT_RISK if one else GOING_SILENT] for one in active]
        floors = self._floors(picture)
        lists = np.where(active, ACTIVE_AT_RISK, GOING_SILENT).tolist()
        return Scores(
            day=day,
            account_ids=self.facts.account_ids,
            state=tuple(state.tolist()),
            risk=curve[:, 0],
            curve=curve,
            band=_bands(curve[:, 0], cuts, floors),
            floor=tuple(floors),
            list=tuple(
                None if one or nothing else name
                for one, nothing, name in zip(lost, past.n_days == 0, lists, strict=True)
            ),
            early_warning_months=_early_warning(curve, cuts, lost),
            coverage=coverage,
            lost=lost,
            silent_feed=affected,
            last_booking_day=past.stood,
            last_demand_day=past.last,
            booking_days=past.n_days,
            cuts=tuple(
                None if nothing else one for one, nothing in zip(cuts, unknown, strict=True)
            ),
            model_version=self._model.version,
        )

    def explain(self, day: int, risk: float, index: int) -> Explanation:
        """Return why the account `index` has its risk as of `day`; no reasons where it has none."""
        picture = self._look(day)
        if np.isnan(risk):
            return Explanation(0.0, ())
        return explain_account(
            self.facts,
            picture.past,
            picture.volume.windows,
            self._parts(picture.features, index),
            picture.entries.get(index, []),
            risk,
            index,
            self._rows_of(index),
        )

    def _parts(self, features: FeatureMatrix, index: int) -> Parts:
        """Return the split of one row; made for its neighbours too, which are often asked next."""
        block, at = divmod(index, SPLIT)
        if block not in self._split:
            rows = features.values[block * SPLIT : (block + 1) * SPLIT]
            self._split[block] = self._model.explain(FeatureMatrix(features.names, rows))
        parts = self._split[block]
        return Parts(parts.base + self._shift, parts.groups, parts.values[at : at + 1])

    def _rows_of(self, index: int) -> slice:
        low, high = np.searchsorted(self.facts.account, [index, index + 1])
        return slice(int(low), int(high))

    def _look(self, day: int) -> Picture:
        if self._picture is None or self._picture.past.day != day:
            past = self._demand.as_of(day)
            volume = self._volume.look(day)
            silent = self._feeds.silent(day, self._clock, self._now_hour)
            affected = self._feeds.affected(day, silent)
            coverage = self._feeds.coverage(day, silent, affected)
            features = feature_matrix(past, volume, self._params)
            entries = self._evidence(day, coverage)
            self._split.clear()
            self._picture = Picture(past, volume, features, entries, coverage, affected)
        return self._picture

    def _evidence(self, day: int, coverage: FloatArray) -> dict[int, list[Entry]]:
        heard = self._weights["inputs_silent"] != 0.0
        found = self._book.as_of(day, coverage if heard else None)
        if self._weights is PRIORS:
            return {index: capped(entries) for index, entries in found.items()}
        return {index: capped(weighed(entries, self._weights)) for index, entries in found.items()}

    def _curve(self, picture: Picture) -> FloatArray:
        shift = np.full(len(self.facts.account_ids), self._shift)
        for index, entries in picture.entries.items():
            shift[index] += sum(one.log_odds for one in entries)
        return forecast(self._model, picture.features, shift).curve

    def _floors(self, picture: Picture) -> list[Floor | None]:
        past = picture.past
        floors: list[Floor | None] = [None] * len(self.facts.account_ids)
        for index in self._book.told:
            floors[index] = find_floor(
                self._book.tickets(index, past.day),
                self._book.contacts(index, past.day),
                day=past.day,
                closure_hours=self._book.master(index, past.day).closure_hours,
                cycle=float(past.median_gap[index]),
                demand_days=past.days_of(index),
            )
        return floors


def lost_accounts(past: History) -> BoolArray:
    """Return (n,): whose silence is longer than 92 days and than nearly all own gaps."""
    silence = past.recency + _ROUNDING
    return np.asarray(
        (past.n_days >= MIN_BOOKING_DAYS) & (silence >= np.maximum(LOST_DAYS, past.q95_gap))
    )


def _bands(
    risk: FloatArray, cuts: list[Cuts], floors: list[Floor | None]
) -> tuple[str | None, ...]:
    return tuple(
        None if one != one else band_of(one, cut, floored=floor is not None)  # noqa: PLR0124 NaN
        for one, cut, floor in zip(risk.tolist(), cuts, floors, strict=True)
    )


def _early_warning(curve: FloatArray, cuts: list[Cuts], lost: BoolArray) -> npt.NDArray[np.int64]:
    """Return the smallest h whose P_h reaches the list's high cut; 0 for none and when lost."""
    threshold = np.array([cut.high for cut in cuts]) / 100.0
    return np.where(lost, 0, early_warning(curve, threshold))
