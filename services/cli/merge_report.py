"""What `leadline doctor` says of merges: an account whose merge leads nowhere goes on by itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from services.cli.findings import Caution
from services.ingest.service import few
from shared.domain.merges import merge_of
from shared.store.session import Database
from shared.store.tables import AccountRow


def merges_report(database: Database) -> str:
    """Return how many accounts went into others; raises `Caution` naming merges of no effect."""
    with database.read() as connection:
        faults = dict(_merges(connection))
    wrong = sorted((name, fault) for name, fault in faults.items() if fault)
    if wrong:
        lead = "1 leads" if len(wrong) == 1 else f"{len(wrong)} lead"
        raise Caution(
            f"{lead} nowhere: {few([f'{name!a} ({fault})' for name, fault in wrong])}",
            fix="let the source send an event leadline.account.v1 of each with the right"
            " `merged_into`: an account that is known, and is not merged back",
        )
    return f"{len(faults)} merged, each into a known account" if faults else "none yet"


def _merges(connection: Connection) -> Iterator[tuple[str, str | None]]:
    """Yield each account that is said to be merged, and why that takes no effect, as the api does.

    Asked of all accounts at once: there may be more of them than a statement takes parameters.
    """
    row = AccountRow
    rows = connection.execute(select(row.account_id, row.merged_into, row.status)).all()
    into = {account: target for account, target, _ in rows}
    for account, _, status in rows:
        merge = merge_of(account, into.__getitem__)
        if merge is not None:
            yield account, merge.fault
        elif status == "merged":
            yield account, "no_target"
