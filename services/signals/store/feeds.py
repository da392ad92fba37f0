"""The feeds of an installation: the hours in which each source sent each type of event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import Connection

from services.signals.features.facts import Feed
from shared.domain.event_types import EventType
from shared.domain.feeds import MIN_ACCOUNTS, speaks
from shared.store.driver import driver_rows, json_value

_OF = "source_id = feed.source_id AND type_id = feed.type_id"
_FEEDS = f"""
SELECT feed.source_id * 256 + feed.type_id AS id, uri, type_id, imported_total,
  (SELECT count(*) FROM (SELECT 1 FROM feed_account WHERE {_OF} LIMIT {MIN_ACCOUNTS}) served),
  {{hours}}
FROM feed JOIN source ON source.id = feed.source_id
"""
_ALL = {
    dialect: f"(SELECT {gathered} FROM feed_hour WHERE {_OF})"
    for dialect, gathered in {
        "sqlite": "json_group_array(hour)", "postgresql": "array_agg(hour)"
    }.items()
}  # fmt: skip
"""A feed's hours in one value: as rows, a year of them took longer than all else of a look."""
_ENDS = f"""
(SELECT min(hour) FROM feed_hour WHERE {_OF}),
(SELECT max(hour) FROM feed_hour WHERE {_OF} AND hour < {{hour}})
"""
_ORDER = " ORDER BY source_id, type_id"


def load_feeds(connection: Connection) -> tuple[Feed, ...]:
    """Return every feed, with all of its hours."""
    statement = _FEEDS.replace("{hours}", _ALL[connection.dialect.name]) + _ORDER
    return tuple(_feed(*row[1:]) for row in driver_rows(connection, statement))


def feeds_now(connection: Connection, hour: int) -> tuple[Feed, ...]:
    """Return every feed, with as many hours as it takes to say whether it is silent as of `hour`.

    One that spoke within a day is not, whatever its gaps were: its first and last hour will do.
    """
    ends = _ENDS.replace("{hour}", str(int(hour)))
    rows = driver_rows(connection, _FEEDS.replace("{hours}", ends) + _ORDER)
    quiet = [row[0] for row in rows if row[6] is not None and not speaks(row[6], hour)]
    whole = {}
    if quiet:
        statement = _FEEDS.replace("{hours}", _ALL[connection.dialect.name])
        statement += " WHERE feed.source_id * 256 + feed.type_id {ids}"
        whole = {row[0]: _feed(*row[1:]) for row in driver_rows(connection, statement, quiet)}
    return tuple(
        whole.get(key) or _feed(uri, kind, imported, accounts, [*{first, last} - {None}])
        for key, uri, kind, imported, accounts, first, last in rows
    )


def _feed(
    uri: str, kind: int, imported: int, accounts: int, hours: str | Sequence[int] | None
) -> Feed:
    return Feed(
        source=uri,
        type=EventType(kind).noun,
        hours=np.sort(np.array(json_value(hours) or (), dtype=np.int64)),
        accounts_total=accounts,
        imported=imported > 0,
    )
