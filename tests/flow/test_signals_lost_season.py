"""An account that leaves in its low season: muted for the season, and told once that is over."""

from datetime import UTC, datetime

from services.signals.features.facts import DAY_MICROS
from shared.store.base import to_micros
from tests.support.factory import Installation

NOW = datetime(2026, 12, 10, 10, tzinfo=UTC)
LEFT = datetime(2025, 5, 30, 9, tzinfo=UTC)
ALERTS = """
SELECT s.state, a.suppressed_reason, a.opened_at, a.pending_since,
  a.resolved_at FROM alert a
JOIN account c ON c.id = a.account_id JOIN account_score s ON s.account_id = c.id
WHERE c.account_id = 'HARVEST' AND a.type = 'churn_risk'
"""


def test_a_lost_account_is_not_out_of_season_for_longer_than_a_year(database):
    world = Installation(database, "event", NOW)
    for year in (2022, 2023, 2024):  # from November to May
        begins = datetime(year, 11, 4, 9, tzinfo=UTC)
        world.bookings("HARVEST", weeks=30, every_days=3, start=begins, source=f"/{year}")
    world.bookings("STEADY", weeks=216, start=datetime(2022, 10, 20, 9, tzinfo=UTC))
    world.work()
    (*_, last) = sorted(world.rows(ALERTS), key=lambda one: one["pending_since"])
    assert (last["state"], last["suppressed_reason"], last["resolved_at"]) == ("lost", None, None)
    assert (
        to_micros(LEFT) + 150 * DAY_MICROS < last["opened_at"] < to_micros(LEFT) + 380 * DAY_MICROS
    )
