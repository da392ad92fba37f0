"""How far the playbook of one alert has come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.api.paging import Page
from services.api.plays import Library, Play, play_of
from services.api.principal import Principal
from services.api.queries.runs import RunFilter, run_page


def play_on(
    connection: Connection,
    principal: Principal,
    alert: dict[str, Any],
    now: datetime,
    library: Library,
    language: str = "en",
) -> Play:
    """Return it, with the texts of its run in a language."""
    wanted = RunFilter(account=alert["account_id"])
    runs = run_page(connection, principal, wanted, Page(100), language)["items"]
    return play_of(alert, runs, library, now)
