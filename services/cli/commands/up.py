"""`leadline up`."""

from __future__ import annotations

from services.cli.common import open_database, say, settings_of
from services.cli.one_process import only_process
from services.cli.product import Product
from services.cli.upgrading import bring_up_to_date
from shared.runtime.clock import WallClock
from shared.runtime.lifecycle import stop_on_signals
from shared.store.migrate import check_schema


def run_up() -> None:
    """Run ingest, signals and api in one process, from the settings."""
    settings = settings_of(logs=True)
    with open_database(settings, checked=False) as database, only_process(database):
        if database.sqlite:
            bring_up_to_date(database)
        check_schema(database)
        stop = stop_on_signals()
        product = Product(settings, database, WallClock())
        try:
            product.start()
            print(f"Leadline on {product.url}", flush=True)
            say("leadline: the page asks for a key; `leadline keys create --role admin` makes one")
            if product.ingest is None:
                say("leadline: no Kafka configured, intake by HTTP and file only")
            product.wait(stop)
        finally:
            product.stop()
