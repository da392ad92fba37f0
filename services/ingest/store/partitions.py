"""What the consumer keeps in the database; each call is one attempt of one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from services.ingest.batch import Batch, Written
from services.ingest.store import breakers, lags, offsets
from services.ingest.store.bulk import bulk_of
from services.ingest.store.isolating import write_storable
from services.ingest.store.writer import FactWriter
from shared.kafka.positions import Place, Stand
from shared.store.moment import shared_micros
from shared.store.session import Database


class PartitionStore:
    """The offsets, facts, breakers and lags of one cluster's partitions."""

    def __init__(self, database: Database, cluster_id: str) -> None:
        self._database = database
        self._cluster_id = cluster_id
        self._writer = FactWriter(database)

    def locate(self, begins: Mapping[Place, int], at: int) -> dict[Place, Stand]:
        """Return where each partition stands; a new one begins at the given offset."""
        found = {}
        with self._database.write() as connection:
            bulk, at = bulk_of(connection), shared_micros(connection, at)
            for place, first in sorted(begins.items()):
                stand = offsets.locate(bulk, self._cluster_id, *place, first=first, at=at)
                if stand is not None:
                    found[place] = stand
        return found

    def write(self, batch: Batch) -> Written:
        """Apply the batch, setting aside what the database cannot hold.

        Raises `FencedError`, and the driver's errors.
        """
        return write_storable(self._writer, batch)

    def open_breakers(self) -> dict[str, str]:
        """Return the topics whose breaker is open, and why."""
        return breakers.load_open(self._database)

    def store_lags(
        self,
        ends: Mapping[Place, int],
        others: Collection[Place],
        behind: Mapping[Place, float],
        at: int,
        age: Callable[[], float],
    ) -> dict[Place, int]:
        """Store the log ends, and the lag in seconds where there is any; return the positions."""
        lags.name(self._database, self._cluster_id, others)
        return lags.store(self._database, self._cluster_id, ends, behind, at, age)
