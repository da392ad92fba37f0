"""The event clock waits for every partition that a reader of the topics knows of."""

from services.ingest.store.partitions import PartitionStore
from services.signals.intake_memory import IntakeMemory
from shared.domain.watermark import event_time_reached
from shared.kafka.positions import Place
from shared.store.partitions import read_partitions

OURS, THEIRS = Place("leadline.booking.v1", 0), Place("leadline.booking.v1", 1)
NOW = 1_790_000_000_000_000


def reached(database, memory):
    with database.read() as connection:
        return event_time_reached(memory.partitions(read_partitions(connection), NOW), NOW)


def apply_one(database, place):
    """Let one fact of the present be applied that is all that the log holds."""
    with database.write() as connection:
        connection.exec_driver_sql(
            "UPDATE consumer_offset SET next_offset = 1, records_total = 1,"
            f" max_event_time = {NOW} WHERE topic = '{place.topic}' AND partition = {place[1]}"
        )


def measure(store, place, others):
    store.store_lags({place: 1}, others, {}, NOW, lambda: 0.0)


def test_event_time_is_unknown_until_a_partition_that_another_process_owns_was_measured(database):
    store, memory = PartitionStore(database, "c1"), IntakeMemory()
    store.locate({OURS: 0}, at=NOW)
    apply_one(database, OURS)
    measure(store, OURS, others=[THEIRS])
    assert reached(database, memory) is None

    store.locate({THEIRS: 0}, at=NOW)
    apply_one(database, THEIRS)
    measure(store, THEIRS, others=[OURS])
    assert reached(database, memory) == NOW


def test_naming_a_partition_leaves_what_its_owner_has_measured(database):
    store = PartitionStore(database, "c1")
    measure(store, THEIRS, others=[OURS])
    measure(store, OURS, others=[THEIRS])

    with database.read() as connection:
        rows = read_partitions(connection)
    assert [row.end_offset for row in rows] == [1, 1]
    assert all(row.measured_at for row in rows)
