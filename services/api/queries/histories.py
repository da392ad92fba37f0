"""What people and the machine did on alerts and runs, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from shared.domain.alerts import MACHINE, MERGE_UNDONE, MERGED, closed_because
from shared.store.tables import AlertActionRow, AlertRow, PlaybookRunRow, RunActionRow

Item = dict[str, Any]


class AlertStory(NamedTuple):
    """What came of an alert, and how."""

    outcome: str | None  # a person's, else the machine's
    note: str | None
    history: list[Item]


def alert_stories(connection: Connection, states: dict[str, str]) -> dict[str, AlertStory]:
    """Return the story of each alert; `states` are theirs at the moment, by id."""
    ids = list(states)
    alert, act = AlertRow, AlertActionRow
    acts: defaultdict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(
        select(act.__table__).where(act.alert_id.in_(ids)).order_by(act.id)
    ):
        acts[row.alert_id].append(row)
    worked = _first_works(connection, ids)
    marks = select(
        alert.alert_id, alert.opened_at, alert.resolved_at, alert.outcome, alert.reason_code,
        alert.suppressed_reason, alert.expires_at, alert.past_ends,
    ).where(alert.alert_id.in_(ids))  # fmt: skip
    return {
        row.alert_id: _story(row, states[row.alert_id], acts[row.alert_id], worked)
        for row in connection.execute(marks)
    }


def run_history(run: Any, acts: Iterable[Any]) -> list[Item]:
    """Return what was done on a run; `acts` in order of their ids."""
    acts = list(acts)
    began = next((act.actor for act in acts if act.kind == "start"), None)
    if began is None and run.alert_id is not None:
        began = MACHINE
    return [_item(run.started_at, began, "start")] + [
        _item(act.at, act.actor, act.kind, outcome=act.outcome, task_id=act.task_id, **_said(act))
        for act in acts
        if act.kind != "start"
    ]


def _said(act: Any) -> dict[str, str | None]:
    """Return the words of an act on a run: the machine notes why it closed one."""
    return {"reason" if act.actor == MACHINE else "note": act.note}


def _first_works(connection: Connection, ids: Sequence[str]) -> dict[str, Any]:
    """Return the first act of a person on a run of each alert: it alone moves the alert."""
    run, act = PlaybookRunRow, RunActionRow
    rows = connection.execute(
        select(run.alert_id, act.run_id, act.actor, act.at, act.task_id)
        .join(act, act.run_id == run.run_id)
        .where(run.alert_id.in_(ids), act.actor != MACHINE)
        .order_by(act.at.desc(), act.id.desc())
    )
    return {row.alert_id: row for row in rows}


def _story(row: Any, state: str, acts: Sequence[Any], worked: dict[str, Any]) -> AlertStory:
    items = [] if row.opened_at is None else [
        _item(row.opened_at, MACHINE, "open", reason=row.reason_code)
    ]  # fmt: skip
    items += [
        _item(
            act.at, act.actor, act.kind,
            until=act.until, reason=act.reason, outcome=act.outcome, note=act.note,
        )
        for act in acts
    ]  # fmt: skip
    items += [item for one in row.past_ends for item in _back(one)]
    if (work := worked.get(row.alert_id)) is not None:
        items.append(_item(work.at, work.actor, "work", task_id=work.task_id, run_id=work.run_id))
    if row.resolved_at is not None:
        why = closed_because(state, row.suppressed_reason) or row.suppressed_reason
        items.append(_item(row.resolved_at, MACHINE, "resolve", outcome=row.outcome, reason=why))
    elif state == "expired":
        items.append(_item(row.expires_at, MACHINE, "expire"))
    items.sort(key=lambda one: one["at"])
    if state == "suppressed":
        items.append(_item(None, MACHINE, "suppress", reason=row.suppressed_reason))
    resolved = next((act for act in acts if act.kind == "resolve"), None)
    if resolved is None:
        return AlertStory(row.outcome, None, items)
    return AlertStory(resolved.outcome, resolved.note, items)


def _back(end: Item) -> list[Item]:
    """Return that the machine had ended an alert, and that it came back."""
    because = end["because"]
    why = closed_because("resolved", because) or because
    undone = MERGE_UNDONE if because == MERGED else None
    at, back_at = (datetime.fromisoformat(end[name]) for name in ("at", "back_at"))
    return [
        _item(at, MACHINE, "resolve", outcome=end["outcome"], reason=why),
        _item(back_at, MACHINE, "reopen", reason=undone),
    ]


def _item(at: datetime | None, actor: str | None, act: str, **given: Any) -> Item:
    known = {name: value for name, value in given.items() if value is not None}
    return {"at": at, "actor": actor, "act": act, **known}
