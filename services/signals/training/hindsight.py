"""What hindsight flatters: ranking with the facts as they were known, and with all that came later.

A fact that arrived late was unknown when the score was made. A backtest that looks at it all the
same tells a better AUC than anybody will see.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from services.signals.features.facts import Facts, IntArray
from services.signals.training.measures import monthly_auc
from services.signals.training.population import Population
from services.signals.training.rolling import Method, Plan, rolling
from services.signals.training.rows import FIRST_ROW, Rows, population_rows


def hindsight(
    method: Method, plan: Plan, truth: Population, rows: Rows, as_known: Facts
) -> dict[str, float | int] | None:
    """Return AUC_m as known at each month start and in hindsight, on the same account-months.

    `rows` are those of `truth`; `as_known` are the same facts, each counting from the day on which
    it was known. Labels are in both cases what came in the end. None where no month has both kinds
    of outcome.
    """
    if len(truth.months) <= FIRST_ROW or plan.first >= len(truth.months):
        return None
    plan = plan._replace(last=min(plan.last, len(truth.months) - 1))
    then = population_rows(replace(truth, facts=as_known), FIRST_ROW, 1)
    seen, later = _common(then, rows, plan)
    if not seen.size:
        return None
    lost, month = rows.lost[later, 0], rows.month[later]
    honest, flattered = (
        monthly_auc(lost, rolling(one, method, plan).forecast.curve[at, 0], month)
        for one, at in ((then, seen), (rows, later))
    )
    if not np.isfinite(honest):
        return None
    return {
        "rows": int(seen.size),
        "as_known": round(float(honest), 4),
        "in_hindsight": round(float(flattered), 4),
        "difference": round(float(flattered - honest), 4),
    }


def _common(then: Rows, rows: Rows, plan: Plan) -> tuple[IntArray, IntArray]:
    """Return the places of the tested account-months that both have and whose window has closed."""
    first, second = (one.account * 10_000 + one.month for one in (then, rows))
    _, seen, later = np.intersect1d(first, second, assume_unique=True, return_indices=True)
    used = (rows.month[later] >= plan.first) & (rows.month[later] <= plan.last)
    used &= rows.known[later, 0]
    return seen[used], later[used]
