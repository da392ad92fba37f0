"""The end of a day on the wall's clock: the week's budget."""

from __future__ import annotations

from sqlalchemy import Connection

from services.signals.alerting.alert import AlertChange
from services.signals.alerting.budget import budget_pass, waits
from services.signals.features.facts import DAY_MICROS
from services.signals.store.accounts import known_accounts
from services.signals.store.alerts import read_tracks
from services.signals.store.claims import due_count, lock_accounts
from services.signals.store.locks import EVALUATION, notify, try_lock
from services.signals.store.progress import advance, read_progress
from services.signals.store.stream import CHANNEL
from services.signals.worker.stage import Tools, recorder_of, set_stage
from services.signals.worker.starts import Changed
from shared.store.stalled import kept_alive


def close_day(tools: Tools, today: int, *, again: bool = False) -> bool:
    """Share the week's budget once nobody is due any more.

    `again` where alerts came since with the history of accounts.
    """
    with tools.database.write() as connection, kept_alive(connection):
        if not try_lock(connection, EVALUATION):
            return False
        progress = read_progress(connection, lock=True)
        closed = progress.evaluated_day is not None and progress.evaluated_day >= today
        if closed and not again:
            return False
        if due_count(connection, tools.clock.now()):
            return False
        waiting = [
            account
            for account, track in read_tracks(connection).items()
            if any(map(waits, track.entries.values()))
        ]
        if waiting:
            lock_accounts(connection, waiting)
            _share_budget(tools, connection, today, frozenset(waiting))
        if not closed:
            advance(connection, evaluated_day=today)
    return True


def _share_budget(tools: Tools, connection: Connection, today: int, held: frozenset[int]) -> None:
    """Share it among the accounts that are held; others began to wait since, and come again."""
    ids = sorted(read_tracks(connection))
    stage = set_stage(connection, tools, known_accounts(connection, ids), until_day=today, feeds=())
    place = {account: at for at, account in enumerate(stage.facts.account_ids)}
    tracks = list(stage.tracks)
    shared = budget_pass({stage.facts.account_ids[at]: one for at, one in enumerate(tracks)}, today)
    changes = []
    for account_id, (track, changed) in shared.items():
        index = place[account_id]
        if stage.accounts[index].id not in held:
            continue
        view = stage.views.as_of(index, today)
        told = {one.alert.alert_id for one in changed}
        admitted = [
            AlertChange("admitted", entry.alert)
            for entry in track.entries.values()
            if entry.admitted == today and entry.alert.alert_id not in told
        ]
        changes += [
            Changed(today * DAY_MICROS, index, one, view, track.coverage)
            for one in (*changed, *admitted)
        ]
        tracks[index] = track
    recorder = recorder_of(connection, tools, stage)
    recorder.alerts(changes)
    recorder.tracks(stage.tracks, tracks)
    recorder.send()
    notify(connection, CHANNEL)
