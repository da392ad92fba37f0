"""What hindsight flatters: ranking with the facts as they were known, and with all that came later.

A fact that arrived late was unknown when the score was made. A backtest that looks at it all the
same tells a better AUC than anybody will see.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from services.signals.features.facts import Facts
from services.signals.features.history import FloatArray
from services.signals.hazard.blend import LossBlend
from services.signals.training.measures import monthly_auc
from services.signals.training.population import Population, population_of
from services.signals.training.rows import Rows, population_rows

FIRST_ROW = 4
REFIT_MONTHS = 6


def hindsight(
    model: LossBlend, as_known: Facts, facts: Facts, end: int
) -> dict[str, float | int] | None:
    """Return AUC_m as known at each month start and in hindsight, on the same account-months.

    `as_known` are the same facts, each counting from the day on which it was known. Labels are in
    both cases what came in the end. None where no month has both kinds of outcome.
    """
    truth = population_of(facts, "hindsight", end=end)
    if len(truth.months) <= FIRST_ROW:
        return None
    late = Population("as known", as_known, "", truth.months, truth.active)
    then, later = (population_rows(one, FIRST_ROW, REFIT_MONTHS) for one in (late, truth))
    seen, all_of = (_closed(one) for one in (then, later))
    keys, others = (one.account * 10_000 + one.month for one in (seen, all_of))
    seen, all_of = seen.take(np.isin(keys, others)), all_of.take(np.isin(others, keys))
    if not seen.month.size:
        return None
    known = monthly_auc(all_of.lost[:, 0], _risk(model, seen), seen.month)
    flattered = monthly_auc(all_of.lost[:, 0], _risk(model, all_of), all_of.month)
    if not np.isfinite(known):
        return None
    return {
        "rows": int(seen.month.size),
        "as_known": round(float(known), 4),
        "in_hindsight": round(float(flattered), 4),
        "difference": round(float(flattered - known), 4),
    }


def _closed(rows: Rows) -> Rows:
    return rows.take(rows.known[:, 0])


def _risk(model: LossBlend, rows: Rows) -> FloatArray:
    return np.asarray(expit(model.curve_logits(rows.features)[:, 0]))
