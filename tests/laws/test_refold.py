"""A database of the first revision is brought up to date with its sums worked out again."""

import pytest
from sqlalchemy import text

from services.cli.upgrading import bring_up_to_date
from services.ingest.intake import EventIntake
from shared.domain.changes import FREEHAND, TEU, pack_change, unpack_changes
from shared.store.base import EPOCH
from shared.store.migrate import SchemaError, check_schema, migrate
from shared.store.session import Database
from tests.support.cloudevents import START, booking, days, event
from tests.support.factories import FixedClock
from tests.support.sums import day_sums

OLD_EVENT = """
INSERT INTO event (seq, source_id, event_id, type_id, account_id, entity, time, recorded_at,
  arrived_at, partition, "offset", data)
VALUES (:seq, :source_id, :event_id, :type_id, :account_id, :entity, :time, :recorded_at,
  :arrived_at, NULL, NULL, :data)
"""

OLD_SUMS = """
SELECT day, effect_day - day, sum(demand), sum(business), sum(cancelled), sum(teu)
FROM booking_day GROUP BY 1, 2 ORDER BY 1, 2
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/old.db"
        return
    server = request.getfixturevalue("postgres_server")
    url = server.create_database()
    database = Database(url)
    with database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()
    yield url
    server.drop_database(url)


def copied(database, old):
    """Write the events of `database` into `old`, as the first revision kept them."""
    with database.read() as connection:
        tables = {
            name: connection.execute(text(f"SELECT * FROM {name}")).mappings().all()
            for name in ("source", "account", "series", "event")
        }
    with old.write() as connection:
        for name in ("source", "account", "series"):
            for row in tables[name]:
                kept = {key: value for key, value in row.items() if value is not None}
                columns, marks = ", ".join(kept), ", ".join(f":{key}" for key in kept)
                connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({marks})"), kept)
        for row in tables["event"]:
            connection.execute(text(OLD_EVENT), dict(row))
        connection.execute(
            text(
                "INSERT INTO booking_day (account_id, series_id, day, effect_day, event_id)"
                " VALUES (1, 1, 1, 1, '')"
            )
        )


def test_old_events_get_their_changes_and_their_places(database, empty_url):
    EventIntake(database, FixedClock()).accept(
        [
            booking("B1", "requested", at=START, teu=2),
            booking("B1", "confirmed", at=START + days(1)),
            booking("B1", "cancelled", at=START + days(3)),
            booking("B2", at=START, teu=1),
        ]
    )
    old = Database(empty_url)
    migrate(old, "0001")
    copied(database, old)

    bring_up_to_date(old)

    assert day_sums(old) == day_sums(database)
    with old.read() as connection:
        places = connection.execute(text("SELECT event_id, nth FROM event ORDER BY seq")).all()
    assert [tuple(row) for row in places] == [
        ("B1-requested", 0), ("B1-confirmed", 1), ("B1-cancelled", 2), ("B2-confirmed", 0),
    ]  # fmt: skip
    check_schema(old)
    old.close()


def test_a_schema_taken_back_and_made_again_has_the_same_sums(database):
    EventIntake(database, FixedClock()).accept(
        [
            booking("B1", "requested", at=START, teu=2),
            booking("B1", "confirmed", at=START + days(1)),
            booking("B1", "cancelled", at=START + days(3)),
            booking("B2", at=START, teu=1),
        ]
    )
    before = day_sums(database)

    bring_up_to_date(database, "0002")
    with database.read() as connection:
        sums = connection.execute(text(OLD_SUMS)).all()
    bring_up_to_date(database)

    first = (START - EPOCH).days
    assert [tuple(row) for row in sums] == [
        (first, 0, 2, 1, 0, 1000), (first, 1, 0, 1, 0, 2000), (first, 3, -1, -1, 1, -2000),
    ]  # fmt: skip
    assert day_sums(database) == before
    check_schema(database)


def test_services_refuse_a_migration_that_was_interrupted(database, empty_url):
    EventIntake(database, FixedClock()).accept([booking("B1")])
    old = Database(empty_url)
    migrate(old, "0001")
    copied(database, old)
    migrate(old)

    with pytest.raises(SchemaError, match="leadline migrate"):
        check_schema(old)
    old.close()


OF_WORK = "SELECT event_id, entity, nth, changes FROM event WHERE type_id = 3 ORDER BY seq"


def test_warehouse_events_of_earlier_releases_become_days_of_work(database):
    EventIntake(database, FixedClock()).accept(
        [
            worked(START, "inbound", "w1", orders=4),
            worked(START, "storage", "w2", volume_cbm=90),
            worked(START, "storage", "w3", volume_cbm=70, at=START + days(0.5)),
            worked(START + days(1), "inbound", "w4", orders=2),
            booking("B1"),
        ]
    )
    with database.read() as connection:
        fresh = connection.execute(text(OF_WORK)).all()
    before, scored = day_sums(database), revision(database)
    bring_up_to_date(database, "0011")
    with database.write() as connection:  # all of a site spoke of one thing, and changed no sums
        connection.execute(
            text("UPDATE event SET entity = 7, nth = seq WHERE type_id = 3"),
        )
    assert day_sums(database) != before

    bring_up_to_date(database)

    assert day_sums(database) == before
    with database.read() as connection:
        assert connection.execute(text(OF_WORK)).all() == fresh
    assert revision(database) == scored + 1  # the account is scored again
    check_schema(database)


def test_bookings_of_earlier_releases_tell_who_chose_the_forwarder(database):
    EventIntake(database, FixedClock()).accept(
        [
            booking("B1", incoterm="FOB"),
            booking("B1", "amended", at=START + days(2), incoterm="CIF"),
            booking("B2", nominated_by="agent"),
            booking("B3"),
        ]
    )
    before, scored = day_sums(database), revision(database)
    bring_up_to_date(database, "0012")
    _forget_who_chose(database)
    assert day_sums(database) != before

    bring_up_to_date(database)

    assert day_sums(database) == before
    assert revision(database) == scored + 1  # the account is scored again
    check_schema(database)


def _forget_who_chose(database):
    """Empty the two bytes, as older code left them."""
    with database.write() as connection:
        for seq, blob in connection.execute(text("SELECT seq, changes FROM event")).all():
            changes = [
                pack_change(number, day, (*sums[:FREEHAND], 0, 0, *sums[TEU:]))
                for number, day, sums in unpack_changes(bytes(blob or b""))
            ]
            connection.execute(
                text("UPDATE event SET changes = :changes WHERE seq = :seq"),
                {"changes": b"".join(changes) or None, "seq": seq},
            )


def worked(day, kind, event_id, *, at=None, **figures):
    data = {"site": "HCM-2", "day": f"{day:%Y-%m-%d}", "kind": kind, **figures}
    return event("warehouse", data, id=event_id, at=at or day, source="/wms")


def revision(database):
    with database.read() as connection:
        return connection.scalar(text("SELECT revision FROM account_facts"))
