"""The place of a procedure on SQLite: `leadline up`, fed by a real broker and over HTTP."""

import contextlib
import random
import sqlite3

from shared.store.migrate import migrate
from shared.store.session import Database
from tests.chaos.arena import Arena
from tests.chaos.load import Load
from tests.chaos.stream import Stream
from tests.support import process
from tests.support.kafka import KafkaBroker
from tests.support.world import World


class FileArena(Arena):
    """One process and one file; the broker is as real as elsewhere."""

    def _open(self):
        self.kafka_links = []
        self.broker = KafkaBroker()
        self._closing.append(self.broker.close)
        self.broker.start()
        self._files = 0
        (self.port,) = process.free_ports(1)
        self.path = self._folder / "leadline-0.db"
        self.world = World(self.broker, f"sqlite:///{self.path}", self._folder)
        self._closing.append(self.world.close)
        self.fresh_database()
        self.world.apply_topics(self.partitions)
        stream = Stream(random.Random(self.rng.random()), **self._stream_options)
        self.load = Load(self.broker.bootstrap, stream, self._rate)

    def fresh_database(self):
        """Let processes that are started from now on begin with an empty database."""
        self._files += 1
        self.path = self._folder / f"leadline-{self._files}.db"
        self.world.database_url = f"sqlite:///{self.path}"
        database = Database(self.world.database_url)
        migrate(database)
        database.close()

    def rows(self, statement, *values):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as reader:
            return reader.execute(statement, values).fetchall()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"
