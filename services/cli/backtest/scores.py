"""The scores file: one row per eligible account and month start."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from services.signals.backtest.engine import Prepared, Result
from services.signals.hazard.interface import HORIZONS
from services.signals.scoring.scores import ACTIVE_AT_RISK, GOING_SILENT

COLUMNS = (
    "account_id", "cutoff", "risk_3m", *(f"p_{h}" for h in range(1, HORIZONS + 1)),
    "early_warning_months", "list", "alert", "p_erosion",
)  # fmt: skip


def write_scores(path: Path, prepared: Prepared, result: Result) -> int:
    """Write the scores by cutoff and account; return the number of rows.

    A packed file has no time in it, so that equal scores are equal bytes.
    """
    with path.open("wb") as raw:
        packed = path.suffix == ".gz"
        file = cast("BinaryIO", gzip.GzipFile("", "wb", 6, raw, mtime=0)) if packed else raw
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(COLUMNS)
        rows = _lines(prepared, result)
        writer.writerows(rows)
        text.flush()
        text.detach()
        if packed:
            file.close()
    return len(rows)


def _lines(prepared: Prepared, result: Result) -> list[list[str]]:
    names = prepared.population.facts.account_ids
    cutoffs = prepared.starts.astype("datetime64[D]").astype(str).tolist()
    lists = np.where(result.rows.active, ACTIVE_AT_RISK, GOING_SILENT)
    lists = np.where(result.frame.gone, "", lists).tolist()
    columns = zip(
        result.rows.account.tolist(),
        result.rows.month.tolist(),
        result.forecast.curve.tolist(),
        result.forecast.erosion.tolist(),
        result.warning.tolist(),
        lists,
        result.alert.tolist(),
        strict=True,
    )
    return [
        [
            names[account],
            cutoffs[month],
            f"{curve[0]:.6f}",
            *(f"{p:.6f}" for p in curve),
            str(warning or ""),
            listed,
            str(int(alert)),
            "" if np.isnan(erosion) else f"{erosion:.6f}",
        ]
        for account, month, curve, erosion, warning, listed, alert in columns
    ]
