"""The procedures, by name; each is a function of a size and a seed that returns its summary."""

from tests.chaos.procedures.file_kills import file_kills
from tests.chaos.procedures.ingest_kills import ingest_kills
from tests.chaos.procedures.malformed_records import malformed_records
from tests.chaos.procedures.orders import orders
from tests.chaos.procedures.rebuild import rebuild_on_file
from tests.chaos.procedures.replay import replay_on_file
from tests.chaos.procedures.restore import restore
from tests.chaos.procedures.slow_database import slow_database

PROCEDURES = {
    "T1": ingest_kills,
    "T1-sqlite": file_kills,
    "T10": orders,
    "T11": malformed_records,
    "T12-sqlite": replay_on_file,
    "T13-sqlite": rebuild_on_file,
    "T16": slow_database,
    "T26": restore,
}
