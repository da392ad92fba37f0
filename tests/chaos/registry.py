"""The procedures, by name; each is a function of a size and a seed that returns its summary."""

from tests.chaos.procedures.acts import acts
from tests.chaos.procedures.bad_links import bad_links
from tests.chaos.procedures.broker_kills import named_broker_kills, single_broker_kills
from tests.chaos.procedures.busy_scoring import busy_scoring
from tests.chaos.procedures.cancelled_calls import cancelled_calls
from tests.chaos.procedures.file_kills import file_kills
from tests.chaos.procedures.full_disks import full_broker, full_postgres
from tests.chaos.procedures.ingest_kills import ingest_kills
from tests.chaos.procedures.malformed_records import malformed_on_file, malformed_records
from tests.chaos.procedures.migrations import migrations
from tests.chaos.procedures.more_partitions import more_partitions
from tests.chaos.procedures.orders import orders
from tests.chaos.procedures.postgres_kills import postgres_kills
from tests.chaos.procedures.rebalances import rebalance_storm, spare_members
from tests.chaos.procedures.rebuild import rebuild, rebuild_on_file
from tests.chaos.procedures.relay_kills import relay_kills
from tests.chaos.procedures.replay import replay, replay_on_file
from tests.chaos.procedures.restore import restore
from tests.chaos.procedures.slow_database import slow_database
from tests.chaos.procedures.terminations import terminations, terminations_on_file
from tests.chaos.procedures.wrong_clocks import wrong_clocks
from tests.chaos.procedures.zombies import zombies

PROCEDURES = {
    "T1": ingest_kills,
    "T1-sqlite": file_kills,
    "T2": relay_kills,
    "T3": postgres_kills,
    "T4": single_broker_kills,
    "T5": named_broker_kills,
    "T6": zombies,
    "T7": bad_links,
    "T8": rebalance_storm,
    "T8b": spare_members,
    "T9": more_partitions,
    "T10": orders,
    "T11": malformed_records,
    "T11-sqlite": malformed_on_file,
    "T12": replay,
    "T12-sqlite": replay_on_file,
    "T13": rebuild,
    "T13-sqlite": rebuild_on_file,
    "T14": full_postgres,
    "T14-broker": full_broker,
    "T15": wrong_clocks,
    "T16": slow_database,
    "T17": busy_scoring,
    "T18": cancelled_calls,
    "T19": terminations,
    "T19-sqlite": terminations_on_file,
    "T22": migrations,
    "T26": restore,
    "acts": acts,
}
