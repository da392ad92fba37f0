"""Gauges of how well the scores do: the day's report, and the realised warnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.signals.store.reports import latest_report
from services.signals.store.warnings import recorded_losses
from shared.domain.warnings import METHODS, performance
from shared.runtime.telemetry import (
    CALIBRATION_ERROR,
    MARKET_SHIFT,
    MARKET_VOLUME,
    RANKING_AUC,
    RECENCY_PSI,
    SILENCE_PREDICTED,
    SILENCE_REALISED,
    WARNING_ACCOUNTS,
    WARNING_CAUGHT,
    WARNING_MONTHS,
)
from shared.store.session import Database

NAN = float("nan")


def set_model_gauges(database: Database) -> None:
    """Set them from the latest report; NaN is what is not known, and fires no alert."""
    with database.read() as connection:
        report = latest_report(connection, "drift")
        losses, saved = recorded_losses(connection)
    _set_drift(report or {})
    WARNING_ACCOUNTS.labels("lost").set(len(losses))
    WARNING_ACCOUNTS.labels("saved").set(saved)
    for method in METHODS:
        did = performance(losses, method)
        WARNING_CAUGHT.labels(method).set(did.caught / did.lost if did.lost else NAN)
        WARNING_MONTHS.labels(method, "last_booking").set(_known(did.months_to_last_booking))
        WARNING_MONTHS.labels(method, "obvious").set(_known(did.months_to_obvious))


def _set_drift(report: Mapping[str, Any]) -> None:
    MARKET_VOLUME.set(_known(report.get("market_volume_ratio")))
    SILENCE_PREDICTED.set(_known(report.get("silence_predicted")))
    SILENCE_REALISED.set(_known(report.get("silence_realised")))
    MARKET_SHIFT.set(report.get("market_shift", 0.0))
    RECENCY_PSI.clear()
    for name, value in (report.get("psi") or {}).items():
        RECENCY_PSI.labels(name).set(value)
    shadow = report.get("shadow") or {}
    for role, measured in (
        ("champion", report.get("closed")),
        ("challenger", shadow.get("challenger")),
    ):
        CALIBRATION_ERROR.labels(role).set(_known((measured or {}).get("ece")))
        RANKING_AUC.labels(role).set(_known((measured or {}).get("auc_m")))


def _known(value: float | None) -> float:
    return NAN if value is None else value
