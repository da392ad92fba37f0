"""`python -m tests.chaos.builds`: ingest with parts replaced, for what the product must not offer.

A shorter session makes zombies quicker. The others are known-bad builds: a loop of kills that
stays green on one of them proves nothing. Each removes one safeguard that the product has.
"""

import argparse
import asyncio
import sys
import time

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.ingest import __main__ as ingest
from services.ingest import service, sink
from services.ingest.batch import Outcome
from services.ingest.patience import GivenUpError
from services.ingest.store import offsets, writer
from shared.kafka import hunger
from shared.kafka.consumer import ConsumerLoop
from shared.kafka.positions import Positions, Stand
from shared.kafka.sink import PartitionLostError
from shared.runtime.process import start
from shared.store import session, stalled
from shared.store.faults import is_passing


def shorter_session(milliseconds):
    """Let Kafka and PostgreSQL give a frozen process up sooner."""
    seconds = milliseconds // 1000
    session.POSTGRES_OPTIONS = (
        f"-c statement_timeout=30s -c lock_timeout={seconds}s"
        f" -c idle_in_transaction_session_timeout={seconds}s"
    )
    stalled.STALLED_SECONDS = seconds
    made = service.make_consumer
    service.make_consumer = lambda settings, **_: made(settings, session_timeout_ms=milliseconds)


def pause_before_writing(milliseconds):
    """Leave time between poll and write, so that a freeze falls between them."""
    write = sink.KafkaSink.write

    async def late(self, portions):
        await asyncio.sleep(milliseconds / 1000)
        # Not even a frozen process may notice on waking, so this is no timer of the loop.
        time.sleep(0.05)  # noqa: ASYNC251
        await write(self, portions)

    sink.KafkaSink.write = late


def without_ledger():
    """Apply every record, repeated or not; the test has dropped the unique index."""
    writer.judge = lambda _bulk, facts, *_: [Outcome.APPLIED] * len(facts)


def without_compare_and_set():
    """Set the offset wherever it stands."""
    before = offsets._MOVE
    offsets._MOVE = before.replace(" AND next_offset = ?", " AND ? >= 0")
    assert before != offsets._MOVE


def commit_first():
    """Let Kafka say where to begin, and tell it before the write: at most once."""
    without_compare_and_set()
    consume, write, locate = ConsumerLoop._consume, ConsumerLoop._write, sink.KafkaSink.locate
    clients = []

    async def remember(self, client, stop):
        clients[:] = [client]
        await consume(self, client, stop)

    async def commit_and_write(self, portions, epoch):
        try:
            await clients[0].commit({TopicPartition(*p.place): p.following for p in portions})
        except KafkaError:
            return
        await asyncio.sleep(0.1)
        await write(self, portions, epoch)

    async def from_kafka(self, places):
        await locate(self, places)  # makes the rows
        told = {place: await clients[0].committed(TopicPartition(*place)) for place in places}
        return {p: Stand(places[p] if at is None else at) for p, at in told.items()}

    ConsumerLoop._consume, ConsumerLoop._write = remember, commit_and_write
    ConsumerLoop._hint = lambda _self, _client: asyncio.sleep(0)
    sink.KafkaSink.locate = from_kafka


def drop_failed_batches():
    """Go on with the next records after a write that failed, without a look back."""
    behind, failed = {}, []

    async def once(self, work):
        try:
            return await self._run(work)
        except Exception as error:
            if not is_passing(error):
                raise
            failed.append(error)
            raise GivenUpError from error

    async def write(self, portions, epoch):
        failed.clear()
        lost = ()
        try:
            await self._sink.write(portions)
        except PartitionLostError as error:
            lost = error.places
        for portion in portions:
            place, expected = portion.place, portion.slice.expected
            if place not in lost or epoch != self.positions.epoch:
                behind.pop(place, None)
            elif failed or expected != behind.setdefault(place, expected):
                # The offset stays where the database has it; the client reads on.
                self.positions.taken(place, -1, behind.setdefault(place, expected))
            else:
                del behind[place]
                self.positions.lost(place, epoch)

    sink.KafkaSink._patiently = once
    ConsumerLoop._write = write


def without_gap_check():
    """Take whatever comes next."""
    Positions._is_distrusted = lambda *_: False


def stop_fetching(seconds):
    """Let the first client's fetching end in silence after some seconds; notice it sooner."""
    consume = ConsumerLoop._consume

    async def wedged(self, client, stop):
        ConsumerLoop._consume = consume  # the next client is a sound one
        fetching = client._fetcher._fetch_task
        asyncio.get_running_loop().call_later(seconds, fetching.cancel)
        await consume(self, client, stop)

    ConsumerLoop._consume = wedged
    hunger.WEDGED_SECONDS = 5.0


def stall_sooner(seconds):
    """Take a loop that has not polled for so long for a dead one."""
    service.STALLED_SECONDS = seconds


CONTROLS = {
    "no-ledger": without_ledger,
    "no-cas": without_compare_and_set,
    "commit-first": commit_first,
    "drop-failed": drop_failed_batches,
    "no-gap-check": without_gap_check,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--session-ms", type=int)
    parser.add_argument("--pause-ms", type=int)
    parser.add_argument("--stop-fetching-s", type=float)
    parser.add_argument("--stalled-s", type=float)
    parser.add_argument("--without", nargs="*", default=[], choices=CONTROLS)
    chosen = parser.parse_args()
    if chosen.session_ms:
        shorter_session(chosen.session_ms)
    if chosen.pause_ms:
        pause_before_writing(chosen.pause_ms)
    if chosen.stop_fetching_s:
        stop_fetching(chosen.stop_fetching_s)
    if chosen.stalled_s:
        stall_sooner(chosen.stalled_s)
    for name in chosen.without:
        CONTROLS[name]()
    return start("ingest", ingest.run)


if __name__ == "__main__":
    sys.exit(main())
