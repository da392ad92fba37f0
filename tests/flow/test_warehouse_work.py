"""Warehouse work is business: who stopped booking and still has work done has not left."""

from datetime import UTC, datetime, timedelta

import pytest

from services.api.queries.account import account_facts
from services.cli.commands.score import scored
from shared.runtime.settings import Settings
from tests.support.factory import Installation

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
TODAY = (NOW - datetime(1970, 1, 1, tzinfo=UTC)).days
STATES = """
SELECT a.account_id, a.id, s.state, s.risk, s.last_booking_at FROM account_score s
JOIN account a ON a.id = s.account_id
"""


def worked(world, account, *, weeks, kind="outbound", **figures):
    """Take one report of work each Friday of the last `weeks` weeks."""
    world.take(
        *(
            world.event(
                "warehouse", account, NOW - timedelta(days=3 + 7 * back),
                {"site": "HCM-2", "day": f"{NOW - timedelta(days=3 + 7 * back):%Y-%m-%d}",
                 "kind": kind, **figures},
                "/wms",
            )
            for back in range(weeks)
        )
    )  # fmt: skip


@pytest.fixture
def accounts(database):
    """Three accounts as the first look finds them, by name, and their installation."""
    world = Installation(database, "wall", NOW)
    for account in ("GONE", "STORES"):
        world.bookings(account, weeks=40, start=NOW - timedelta(days=7 * 60))
    worked(world, "STORES", weeks=60, orders=25)
    worked(world, "ONLY", weeks=60, kind="storage", volume_cbm=400)
    world.work()
    return {row["account_id"]: row for row in world.rows(STATES)}, world


def test_who_has_warehouse_work_done_is_not_lost_when_bookings_stop(accounts):
    found, _ = accounts
    assert found["GONE"]["state"] == "lost"
    assert found["STORES"]["state"] == "scored"
    assert found["STORES"]["risk"] < 0.3 < found["GONE"]["risk"]


def test_who_only_stores_is_scored(accounts):
    found, _ = accounts
    assert found["ONLY"]["state"] == "scored"
    assert found["ONLY"]["risk"] < 0.3


def test_work_is_neither_a_booking_nor_a_lane(accounts):
    found, world = accounts
    with world.database.read() as connection:
        facts = account_facts(connection, [found["STORES"]["id"]], NOW)
    assert facts["bookings_total"] == 40
    assert [lane["mode"] for lane in facts["lanes"]] == ["sea"]


@pytest.mark.parametrize("account", ["STORES", "ONLY"])
def test_the_score_as_it_was_known_has_the_work_too(accounts, account):
    found, world = accounts
    settings, key = Settings(_env_file=None), found[account]["id"]
    now = scored(world.database, settings, key, TODAY, None, explain=True)
    then = scored(world.database, settings, key, TODAY, NOW, explain=True)
    assert (then["risk"], then["reasons"]) == (now["risk"], now["reasons"])
    assert "warehouse work" in now["reasons"][0]["text"] + now["reasons"][1]["text"]
