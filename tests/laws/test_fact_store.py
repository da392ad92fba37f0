"""Laws of the fact store, on both databases."""

import json
import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from services.ingest.batch import Batch, DeadLetter, Intake
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.ingest.store.writer import FactWriter
from services.signals.features.facts import EventRef
from services.signals.store.facts import load_facts
from shared.store.base import from_micros
from shared.store.tables import AccountRow, EventRow, EvidenceRow
from tests.support.cloudevents import START, booking, days, event
from tests.support.factories import FixedClock
from tests.support.sums import day_sums, total

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def intake(database):
    return EventIntake(database, FixedClock(NOW))


def a_year_of_one_booking():
    """One booking through its life, with a milestone promised and kept late."""
    lane = {"mode": "sea", "origin": "VNHPH", "destination": "DEHAM"}
    return [
        booking("B1", "requested", at=START, **lane),
        booking("B1", "confirmed", at=START + days(1), teu=2,
                revenue={"amount": "3150.00", "currency": "USD"}, **lane),
        booking("B1", "rolled", at=START + days(3), by="carrier"),
        booking("B1", "amended", at=START + days(4), teu=3, destination="NLRTM"),
        booking("B1", "completed", at=START + days(40)),
        event("milestone", {"booking_ref": "B1", "code": "delivered", "classifier": "planned",
                            "occurred_at": (START + days(30)).isoformat()}, id="m1",
              at=START + days(1)),
        event("milestone", {"booking_ref": "B1", "code": "delivered", "classifier": "actual",
                            "occurred_at": (START + days(39)).isoformat()}, id="m2",
              at=START + days(39)),
    ]  # fmt: skip


def test_an_event_is_stored_once_however_often_it_comes(database, intake):
    one = booking("B1")

    statuses = [intake.accept([one, one])[i].status for i in (0, 1)]
    again = intake.accept([one])[0].status

    assert statuses == ["accepted", "duplicate"]
    assert again == "duplicate"
    assert total(database, "business") == 1


def test_the_same_content_in_other_bytes_is_a_duplicate_and_other_content_a_conflict(intake):
    original = booking("B1", teu=2)
    reordered = json.dumps(json.loads(original), sort_keys=True, indent=2).encode()
    intake.accept([original])

    assert intake.accept([reordered])[0].status == "duplicate"
    differing = intake.accept([booking("B1", teu=3)])[0]
    assert differing.status == "conflict"
    assert "the first counts" in differing.detail


def test_facts_and_aggregates_do_not_depend_on_the_order_of_arrival(database, intake):
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    events = a_year_of_one_booking()
    intake.accept([e.replace(b"ACC-1", b"ACC-IN-ORDER") for e in events])
    for name in ("ACC-SHUFFLED", "ACC-ONE-BY-ONE"):
        rng.shuffle(events)
        renamed = [
            e.replace(b"ACC-1", name.encode()).replace(b'"id": "', b'"id": "' + name.encode())
            for e in events
        ]
        if name.endswith("SHUFFLED"):
            intake.accept(renamed)
        else:
            for each in renamed:
                intake.accept([each])

    rows = {}
    for (account, *key), sums in day_sums(database).items():
        rows.setdefault(account, {})[tuple(key)] = sums

    assert rows["ACC-SHUFFLED"] == rows["ACC-IN-ORDER"], seed
    assert rows["ACC-ONE-BY-ONE"] == rows["ACC-IN-ORDER"], seed


def test_a_cancellation_counts_from_its_own_day_on(database, intake):
    intake.accept([booking("B1", at=START), booking("B1", "cancelled", at=START + days(5))])

    business = {key[-1] - key[-2]: sums[1] for key, sums in day_sums(database).items()}

    assert business == {0: 1, 5: -1}
    assert total(database, "cancelled") == 1


def test_amounts_are_summed_exactly(database, intake):
    intake.accept(
        [
            booking(
                f"B{n}", teu=0.1, weight_kg=0.001, revenue={"amount": "0.0001", "currency": "EUR"}
            )
            for n in range(1000)
        ]
    )

    assert total(database, "teu") == 100_000
    assert total(database, "weight") == 1000
    assert total(database, "revenue") == 1000


def test_a_day_shows_the_least_id_of_its_bookings_whatever_milestones_share_it(database, intake):
    delivered = {"booking_ref": "B2", "code": "delivered", "classifier": "actual"}
    intake.accept([event("milestone", delivered, id="a-milestone")])
    intake.accept([booking("B2", id="second"), booking("B1", id="first")])

    with database.read() as connection:
        facts = load_facts(connection, [1], until_day=None)
    assert list(facts.event_ids) == ["first"]
    assert facts.sums["delivered"].tolist() == [1]


def test_a_row_names_the_event_that_changed_the_service_record_with_its_own_source(
    database, intake
):
    delivered = {"booking_ref": "B1", "ref_system": "/tms/hph-1", "code": "delivered"}
    intake.accept(
        [
            booking("B1", "confirmed", id="a-booking"),
            booking("B2", "confirmed", id="another", at=START + days(9)),
            event("milestone", delivered | {"classifier": "actual", "delay_h": 5}, id="late",
                  source="/carrier", at=START + days(9)),
            booking("B1", "rolled", id="rolled", by="carrier", at=START + days(3)),
        ]
    )  # fmt: skip

    with database.read() as connection:
        facts = load_facts(connection, [1], until_day=None)
    service = dict(zip(facts.day.tolist(), facts.service_events, strict=True))
    first = facts.day.min()
    assert service == {
        first: None,
        first + 3: EventRef("/tms/hph-1", "rolled"),
        first + 9: EventRef("/carrier", "late"),
    }


def test_master_data_takes_each_fields_latest_value_in_any_order(database, intake):
    newer = event("account", {"name": "New", "tier": "1"}, id="a2", at=START + days(9))
    older = event("account", {"name": "Old", "kam": {"id": "k1", "name": "An"}}, id="a1", at=START)
    intake.accept([newer])
    intake.accept([older])

    with database.read() as connection:
        account = connection.execute(select(AccountRow.__table__)).one()

    assert (account.name, account.tier, account.kam_id) == ("New", "1", "k1")


@pytest.mark.parametrize(
    ("data", "stored"),
    [
        ({"annual_margin": {"amount": "5", "currency": "VND"}, "currency": "USD"}, ("5", "VND")),
        ({"annual_margin": {"amount": "5", "currency": "VND"}}, ("5", "VND")),
        ({"annual_margin": "5", "currency": "EUR"}, ("5", "EUR")),
        ({"annual_margin": "5"}, ("5", None)),
        ({"annual_margin": None, "currency": "EUR"}, (None, "EUR")),
    ],
)
def test_a_margin_keeps_its_own_currency_else_it_has_the_accounts(database, intake, data, stored):
    intake.accept([event("account", {"name": "A"} | data, id="a1", at=START)])

    with database.read() as connection:
        account = connection.execute(select(AccountRow.__table__)).one()

    assert (account.annual_margin, account.currency) == stored


def test_an_account_is_known_from_the_first_event_that_names_it(database, intake):
    intake.accept([event("touchpoint", {"ref": "T1", "phase": "held"}, id="t1", account="NEW")])

    with database.read() as connection:
        assert connection.scalars(select(AccountRow.account_id)).all() == ["NEW"]


def test_a_rejected_event_creates_no_account_and_is_kept_whole(database, intake):
    bad = booking("B1", teu=-1, account="GHOST")

    result = intake.accept([bad, booking("B2")])

    assert [r.status for r in result] == ["rejected", "accepted"]
    assert result[0].id == "B1-confirmed"
    with database.read() as connection:
        assert connection.scalars(select(AccountRow.account_id)).all() == ["ACC-1"]
        letter = connection.execute(text("SELECT value, reason, topic FROM dead_letter")).one()
    assert bytes(letter.value) == bad
    assert letter.topic is None


def test_the_same_reject_is_kept_once_and_its_tries_are_counted(database, intake):
    for _ in range(3):
        intake.accept([b"not json"])

    with database.read() as connection:
        assert connection.execute(text("SELECT count(*), max(tries) FROM dead_letter")).one() == (
            1,
            3,
        )


def test_a_bad_record_at_the_place_of_another_is_kept_beside_it(database):
    def letter(value, recorded_at):
        return DeadLetter(
            "kafka:c:t:0:7", "leadline.booking.v1", 0, 7, b"ACC-1", value, (), "not_json", "",
            recorded_at,
        )  # fmt: skip

    before, after = letter(b"of the topic that is gone", 1), letter(b"of the one made again", 2)
    for one in (before, after, after):
        FactWriter(database).write(Batch(Intake.KAFKA, 5, dead_letters=[one]))

    with database.read() as connection:
        kept = connection.execute(text("SELECT value, tries FROM dead_letter ORDER BY id")).all()
        queued = connection.scalar(text("SELECT count(*) FROM ingest_outbox"))
    assert [(bytes(value), tries) for value, tries in kept] == [
        (before.value, 1),
        (after.value, 2),
    ]
    assert queued == 2


def test_replaying_a_dead_letter_twice_changes_nothing(database, intake):
    early = event("booking", {"booking_ref": "B9", "phase": "confirmed"}, id="b9",
                  at=datetime(2026, 11, 1, 1, 0, tzinfo=UTC))  # fmt: skip
    assert intake.accept([early])[0].reason == "future_time"

    class Later(FixedClock):
        def now(self):
            return datetime(2026, 11, 2, tzinfo=UTC)

    replay = DeadLetterReplay(database, Later())
    (letter,) = replay.pending()

    assert replay.replay(letter).status == "accepted"
    assert replay.replay(letter).status == "duplicate"
    assert total(database, "business") == 1
    assert list(replay.pending()) == []


def test_a_letter_that_is_still_wrong_stays_pending_with_its_reason(database, intake):
    intake.accept([b"not json"])
    replay = DeadLetterReplay(database, FixedClock(NOW))
    (letter,) = replay.pending()

    assert replay.replay(letter).status == "rejected"
    assert list(replay.pending()) == [letter]


def test_complaints_and_contacts_are_kept_as_evidence_with_both_times(database, intake):
    known = START + days(2)
    intake.accept(
        [
            event("complaint", {"ticket_ref": "T1", "phase": "opened", "severity": 1}, id="c1",
                  recordedtime=known.isoformat()),
            event("contact_change", {"contact_ref": "p-1", "change": "left"}, id="p1"),
        ]
    )  # fmt: skip

    with database.read() as connection:
        rows = connection.execute(
            select(EvidenceRow.kind, EvidenceRow.ref, EvidenceRow.time, EvidenceRow.recorded_at)
            .order_by(EvidenceRow.kind)
        ).all()  # fmt: skip

    assert [tuple(row)[:2] for row in rows] == [
        ("complaint", "/tms/hph-1/T1"),
        ("contact_change", "p-1"),
    ]
    assert (rows[0].time, rows[0].recorded_at) == (START, known)


def test_two_systems_may_use_the_same_reference(database, intake):
    intake.accept(
        [booking("B1", id="x", source="/tms/north"), booking("B1", id="x", source="/tms/south")]
    )

    assert total(database, "business") == 2


def test_text_that_no_database_can_hold_becomes_a_dead_letter_not_a_crash(database, intake):
    result = intake.accept([booking("B1", origin="VN\u0000HPH"), booking("B2")])

    assert [r.status for r in result] == ["rejected", "accepted"]


def test_times_come_back_as_they_were(database, intake):
    at = datetime(2026, 3, 4, 9, 30, 0, 123456, tzinfo=UTC)
    intake.accept([booking("B1", at=at)])

    with database.read() as connection:
        assert connection.scalar(select(EventRow.time)) == at
        raw = connection.scalar(text("SELECT time FROM event"))
    assert from_micros(raw) == at
