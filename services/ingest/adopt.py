"""A topic that was made again: begin at what its log holds now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from shared.kafka.admin import cluster_id
from shared.kafka.reader import first_offsets
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.session import Database
from shared.store.tables import ConsumerOffsetRow, PartitionLagRow


async def adopt_topic(settings: Settings, database: Database, topic: str, clock: Clock) -> int:
    """Set every partition of the topic to its first offset; return how many there are.

    The digest of the last record is forgotten, so nothing is compared with the old log. The
    counts stay: what was applied before remains applied. Without such a topic nothing changes.
    """
    begins = await first_offsets(settings, topic)
    if begins:
        cluster = await cluster_id(settings)
        with database.write() as connection:
            _begin_again(connection, cluster, topic, begins, clock.now())
    return len(begins)


def _begin_again(
    connection: Connection, cluster: str, topic: str, begins: Mapping[int, int], now: datetime
) -> None:
    offset, lag = ConsumerOffsetRow, PartitionLagRow
    here = (offset.cluster_id == cluster, offset.topic == topic)
    totals = select(offset.partition, offset.records_total).where(*here)
    counts = dict(connection.execute(totals).tuples().all())
    # Nobody would ever measure a partition that is no more, and the event clock waits for all.
    gone = counts.keys() - begins.keys()
    connection.execute(delete(offset).where(*here, offset.partition.in_(gone)))
    connection.execute(delete(lag).where(lag.cluster_id == cluster, lag.topic == topic))
    counts[min(begins)] = counts.get(min(begins), 0) + sum(counts[each] for each in gone)
    for partition, first in begins.items():
        place = {"next_offset": first, "last_digest": None, "updated_at": now}
        place["records_total"] = counts.get(partition, 0)
        changed = connection.execute(
            update(offset).where(*here, offset.partition == partition).values(**place)
        )
        if not changed.rowcount:
            key = {"cluster_id": cluster, "topic": topic, "partition": partition}
            connection.execute(insert(offset).values(**key, **place))
