"""A topic that was made again: begin at what its log holds now."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from shared.kafka.admin import cluster_id
from shared.kafka.reader import first_offsets
from shared.runtime.clock import Clock
from shared.runtime.settings import Settings
from shared.store.session import Database
from shared.store.tables import ConsumerOffsetRow, PartitionLagRow


async def adopt_topic(settings: Settings, database: Database, topic: str, clock: Clock) -> int:
    """Set every partition of the topic to its first offset; return how many there are.

    The digest of the last record is forgotten, so nothing is compared with the old log. The
    counts stay: what was applied before remains applied.
    """
    cluster = await cluster_id(settings)
    begins = await first_offsets(settings, topic)
    table = ConsumerOffsetRow
    now = clock.now()
    with database.write() as connection:
        here = (table.cluster_id == cluster, table.topic == topic)
        known = set(connection.scalars(select(table.partition).where(*here)))
        for partition, offset in begins.items():
            place = {"next_offset": offset, "last_digest": None, "updated_at": now}
            if partition in known:
                connection.execute(
                    update(table).where(*here, table.partition == partition).values(**place)
                )
            else:
                connection.execute(
                    insert(table).values(
                        cluster_id=cluster, topic=topic, partition=partition, **place
                    )
                )
        connection.execute(
            delete(PartitionLagRow).where(
                PartitionLagRow.cluster_id == cluster, PartitionLagRow.topic == topic
            )
        )
    return len(begins)
