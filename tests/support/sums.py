"""The booking sums that the stored events add up to, read row by row in plain Python."""

from sqlalchemy import text

from shared.domain.changes import SUMS, unpack_changes
from shared.store.session import Database

DAY_MICROS = 86_400_000_000


def summed(blobs, column):
    """Return the sum of one column over packed changes."""
    place = SUMS.index(column)
    return sum(change.sums[place] for blob in blobs if blob for change in unpack_changes(blob))


def total(database, column):
    """Return the sum of one column over every event of a database, or of its URL."""
    return sum(per_account(database, column).values())


def per_account(database, column):
    """Return the sum of one column per account id, of a database or its URL."""
    if isinstance(database, str):
        opened = Database(database)
        try:
            return per_account(opened, column)
        finally:
            opened.close()
    with database.read() as connection:
        rows = connection.execute(
            text(
                "SELECT a.account_id, e.changes FROM event e JOIN account a ON a.id = e.account_id"
            )
        )
        sums = {}
        for account, blob in rows:
            sums[account] = sums.get(account, 0) + summed([blob], column)
    return sums


def day_sums(database):
    """Return {(account, source, mode, origin, destination, currency, day, effect day): sums}."""
    with database.read() as connection:
        series = {
            row[0]: tuple(row[1:])
            for row in connection.execute(
                text(
                    "SELECT r.id, s.uri, r.mode, r.origin, r.destination, r.currency"
                    " FROM series r JOIN source s ON s.id = r.source_id"
                )
            )
        }
        rows = connection.execute(
            text(
                "SELECT a.account_id, e.time, e.changes FROM event e"
                " JOIN account a ON a.id = e.account_id WHERE e.changes IS NOT NULL"
            )
        ).all()
    found = {}
    for account, time, blob in rows:
        for series_id, day, sums in unpack_changes(bytes(blob)):
            key = (account, *series[series_id], day, time // DAY_MICROS)
            known = found.get(key, (0,) * len(SUMS))
            found[key] = tuple(map(sum, zip(known, sums, strict=True)))
    return {key: sums for key, sums in found.items() if any(sums)}
