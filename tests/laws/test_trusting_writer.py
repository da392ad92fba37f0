"""A large batch is inserted on trust; what others stored meanwhile is found all the same."""

import random
from datetime import UTC, datetime

from services.ingest.batch import Batch, Intake, Outcome, PlacedFact
from services.ingest.decode import decode
from services.ingest.store.memory import SMALL
from services.ingest.store.writer import FactWriter
from shared.store.base import to_micros
from tests.support.cloudevents import START, booking, days
from tests.support.sums import day_sums, per_account, total

NOW = to_micros(datetime(2026, 11, 1, tzinfo=UTC))


def batch(*values):
    facts = [
        PlacedFact(decode(value, (), key=None, topic=None, recorded_default=NOW, now=NOW))
        for value in values
    ]
    return Batch(Intake.HTTP, NOW, facts=facts)


def confirmed(count, first=0):
    return [booking(f"B{n}", account=f"ACC-{n % 7}", teu=1) for n in range(first, first + count)]


def test_events_that_another_writer_stored_are_duplicates_though_nobody_looked(database):
    FactWriter(database).write(batch(*confirmed(SMALL)))

    written = FactWriter(database).write(batch(*confirmed(2 * SMALL)))

    assert written.outcomes == [Outcome.DUPLICATE] * SMALL + [Outcome.APPLIED] * SMALL
    assert total(database, "business") == 2 * SMALL


def test_an_id_used_again_with_other_content_is_a_conflict_though_nobody_looked(database):
    FactWriter(database).write(batch(booking("B1", id="one")))

    other = booking("B2", id="one")
    written = FactWriter(database).write(batch(other, *confirmed(SMALL, first=10)))

    assert written.outcomes == [Outcome.CONFLICT] + [Outcome.APPLIED] * SMALL


def test_a_booking_that_another_writer_began_is_folded_whole_though_nobody_looked(database):
    FactWriter(database).write(batch(*confirmed(SMALL)))
    gone = [
        booking(f"B{n}", "cancelled", account=f"ACC-{n % 7}", at=START + days(2)) for n in range(20)
    ]

    written = FactWriter(database).write(batch(*gone, *confirmed(SMALL, first=1_000)))

    assert set(written.outcomes) == {Outcome.APPLIED}
    assert total(database, "business") == 2 * SMALL - 20
    assert total(database, "cancelled") == 20
    assert total(database, "teu") == 1000 * (2 * SMALL - 20)


def test_any_split_into_batches_and_writers_gives_the_same_sums(database):
    seed = random.randrange(10**9)
    rng = random.Random(seed)
    events = [
        booking(f"B{n}", phase, account=f"{{}}-{n % 5}", at=START + days(n % 40 + turn), teu=n % 4)
        for n in range(400)
        for turn, phase in enumerate(("requested", "confirmed", "completed"))
        if turn == 0 or rng.random() < 0.5
    ]
    found = {}
    for name, size in (("WHOLE", 2_000), ("LARGE", 300), ("SMALL", 40)):
        rng.shuffle(events)
        named = [
            e.replace(b"{}", name.encode()).replace(b'"id": "', f'"id": "{name}'.encode())
            for e in events
        ]
        writers = [FactWriter(database) for _ in range(2)]
        for start in range(0, len(named), size):
            rng.choice(writers).write(batch(*named[start : start + size]))
        found[name] = {
            (key[0].removeprefix(name), *key[1:]): sums
            for key, sums in day_sums(database).items()
            if key[0].startswith(name)
        }

    assert found["LARGE"] == found["WHOLE"], seed
    assert found["SMALL"] == found["WHOLE"], seed
    assert len(per_account(database, "business")) == 15
