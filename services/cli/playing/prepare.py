"""What a demo stands on: an embedded broker, a migrated database, settings for both."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from services.cli.one_process import only_process
from services.cli.playing.input import DemoInput
from services.cli.playing.session import Demo, Options
from services.cli.playing.stages import Stages
from services.cli.upgrading import bring_up_to_date
from shared.contracts.topics import TOPICS
from shared.kafka.embedded import EmbeddedBroker
from shared.runtime.listening import port_or_free
from shared.runtime.settings import Settings
from shared.store.session import Database

DATABASE_FILE = "leadline.db"


@contextmanager
def demo_running(
    given: DemoInput, settings: Settings, options: Options, stages: Stages, stop: threading.Event
) -> Iterator[Demo]:
    """Prepare broker and database; everything is gone at the end but a `--data` folder."""
    with ExitStack() as stack:
        folder = options.data or Path(stack.enter_context(TemporaryDirectory(prefix="leadline-")))
        folder.mkdir(parents=True, exist_ok=True)
        # Quoted: in a URL a question mark ends the path, and %20 is a blank.
        database = Database(f"sqlite:///{quote(str(folder / DATABASE_FILE))}", name="leadline-demo")
        stack.callback(database.close)
        stack.enter_context(only_process(database))
        bring_up_to_date(database)
        kept = str(folder) if options.data else "in a temporary folder, gone at the end"
        stages.done("database", f"ready: SQLite {kept}")
        broker = stack.enter_context(
            EmbeddedBroker({spec.name: spec.partitions for spec in TOPICS})
        )
        stages.done("broker", f"in-process Kafka on {broker.bootstrap} (in memory, not durable)")
        port = 0 if options.check else port_or_free(settings.http_host, settings.http_port)
        if port != settings.http_port and not options.check:
            stages.note(f"Port {settings.http_port} is taken: a free one instead.")
        here = settings.model_copy(
            update={
                "database_url": database.url,
                "kafka_bootstrap": broker.bootstrap,
                "kafka_security_protocol": "PLAINTEXT",
                "kafka_instance_id": "",
                "clock": "event",
                "http_port": port,
            }
        )
        yield Demo(given, here, database, broker, stages, stop)
