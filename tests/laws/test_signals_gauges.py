"""The gauges of signals say what lies in either database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert

from services.signals.gauges import refresh_gauges
from shared.runtime.telemetry import REGISTRY
from shared.store.tables import (
    AccountScoreRow,
    AlertRow,
    PlaybookRunRow,
    RunActionRow,
    SignalsProgressRow,
)

EPOCH = date(1970, 1, 1)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


class Noon:
    def now(self):
        return NOW

    def monotonic(self):
        return 0.0


def score(account, band, due_at):
    return {
        "account_id": account,
        "scored_revision": 1,
        "due_at": due_at,
        "as_of": NOW,
        "state": "scored",
        "band": band,
        "coverage": 1.0,
        "reasons": [],
        "lost": False,
        "model_version": "m",
    }


def alert(name, **marks):
    return {
        "alert_id": name,
        "account_id": 1,
        "type": "churn_risk",
        "reason_code": "r",
        "reason_text": "t",
        "scope": {},
        "scope_key": "",
        "drivers": [],
        "evidence": [],
        "owner_id": "K",
        "playbook": "p",
        "due_at": NOW,
        "pending_since": NOW,
        "updated_at": NOW,
        "deferred": False,
        **marks,
    }


def run(name):
    return {
        "run_id": name,
        "playbook": "p",
        "version": 1,
        "title": {"en": "P"},
        "account_id": 1,
        "trigger_key": name,
        "owner_id": "K",
        "started_at": NOW,
        "first_action_due_at": NOW,
        "updated_at": NOW,
    }


@pytest.fixture
def filled(database):
    hour = timedelta(hours=1)
    with database.write() as connection:
        connection.execute(
            insert(AccountScoreRow),
            [
                score(1, "high", NOW - 2 * hour),
                score(2, "high", NOW + hour),
                score(3, "watch", NOW - hour),
                score(4, None, None),
            ],
        )
        connection.execute(
            insert(AlertRow),
            [
                alert("a", opened_at=NOW - hour, resolved_at=None),
                alert("b", opened_at=None, resolved_at=None),
                alert("c", opened_at=NOW - hour, resolved_at=NOW),
                alert("never-told", opened_at=None, resolved_at=NOW),
            ],
        )
        connection.execute(insert(PlaybookRunRow), [run("r1"), run("r2")])
        connection.execute(
            insert(RunActionRow),
            [{"run_id": "r1", "kind": "close", "outcome": "completed", "actor": "K", "at": NOW}],
        )
    return database


def value(name, **labels):
    return REGISTRY.get_sample_value(name, labels)


def test_the_gauges_show_bands_alerts_runs_and_what_is_overdue(filled):
    refresh_gauges(filled, Noon(), "wall")
    bands = {b: value("leadline_accounts", band=b) for b in ("healthy", "watch", "high")}
    assert bands == {"healthy": 0, "watch": 1, "high": 2}
    for state in ("open", "pending", "resolved"):
        assert value("leadline_alerts", type="churn_risk", state=state) == 1
    assert value("leadline_playbook_runs", playbook="p", state="active") == 1
    assert value("leadline_playbook_runs", playbook="p", state="closed") == 1
    assert value("leadline_scoring_overdue_seconds") == 2 * 3600


def test_on_the_event_clock_states_are_those_of_the_evaluated_day(filled):
    day = (NOW - timedelta(days=30)).date().toordinal() - EPOCH.toordinal()
    with filled.write() as connection:
        ahead = alert("d", opened_at=NOW, expires_at=NOW - timedelta(days=1))
        connection.execute(insert(AlertRow), [ahead])
        progress = {"id": 1, "evaluated_day": day, "actions_seen": 0, "run_actions_seen": 0}
        connection.execute(insert(SignalsProgressRow), [progress])
    refresh_gauges(filled, Noon(), "wall")
    assert value("leadline_alerts", type="churn_risk", state="expired") == 1
    refresh_gauges(filled, Noon(), "event")
    assert value("leadline_alerts", type="churn_risk", state="expired") is None
