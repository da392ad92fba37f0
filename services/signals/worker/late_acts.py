"""What people did while days were evaluated, on alerts that these days let expire."""

from __future__ import annotations

from sqlalchemy import Connection

from services.signals.store.alerts import hold_alerts, read_actions
from services.signals.store.runs import hold_runs
from services.signals.worker.daily import Story
from services.signals.worker.stage import Stage
from shared.store.tables import PlaybookRunRow


def taken_up_meanwhile(connection: Connection, stage: Stage, story: Story) -> bool:
    """Tell whether somebody acted on an alert after the facts were read by which it expired.

    On the event clock an act goes by the last midnight that was evaluated, before the expiry: the
    alert would be theirs and expired, beside its heir. Whoever acts after this holds an alert or
    a run, so waits for the commit, and then acts too late.
    """
    expired = {
        change.alert.alert_id: index
        for _, index, change in story.changes
        if change.kind == "expired"
    }
    if not expired:
        return False
    hold_alerts(connection, list(expired))
    hold_runs(connection, PlaybookRunRow.alert_id.in_(list(expired)))
    now = read_actions(connection, sorted({stage.accounts[at].id for at in expired.values()}))
    known = sum(one.alert_id in expired for acts in stage.actions.values() for one in acts)
    return sum(one.alert_id in expired for acts in now.values() for one in acts) > known
