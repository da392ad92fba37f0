"""The place of a procedure: real servers, the product's processes, load, faults, and the verdict.

Everything is a child of this process, so that it can be killed by id and reaped; whatever was
broken is mended by `heal`, then `verdict` waits until nothing is left to do and compares.
"""

import random
import shutil
import time
from collections import Counter, defaultdict

import psycopg

from tests.chaos import judge, log, oracle, readings
from tests.chaos.load import Load
from tests.chaos.member import Member
from tests.chaos.proxy import FaultProxy
from tests.chaos.stream import Stream
from tests.support import process
from tests.support.kafka import KafkaBroker
from tests.support.kafka_cluster import KafkaCluster
from tests.support.postgres import PostgresServer
from tests.support.world import World

TOLD_SECONDS = 3
DRAIN_SECONDS = 120
RECOVERY_SECONDS = 60
MAIN_TOPIC = "leadline.booking.v1"
BUILD = "tests.chaos.builds"


class Arena:
    """Servers and processes for one run of a procedure. Use it as a context."""

    def __init__(
        self, name, seed, *, brokers=1, partitions=4, proxied=False, stream=None, rate=300
    ):
        self.name, self.seed = name, seed
        self.rng = random.Random(seed)
        self.faults = Counter()
        self.recovery = defaultdict(list)
        self.members = {}
        self.commands = 0
        self.posted = []  # events sent over HTTP, and whether they were acknowledged
        self.acted = []  # ids of acknowledged playbook runs
        self._told = (None, 0.0)  # how many events the relay had told, and since when
        self.told = {}  # (topic, account): ids of events put in the outbox, in their order
        self.findings = judge.Findings()
        self._begun = time.perf_counter()
        self._folder = process.short_dir("chaos")
        self._closing = []
        self._proxied = proxied
        self.partitions = partitions
        self._brokers = brokers
        self._stream_options = stream or {}
        self._rate = rate
        print(f"{name}: seed {seed}", flush=True)  # noqa: T201 - so that a failure can be repeated

    def __enter__(self):
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _open(self):
        self.kafka_links = [self._proxy() for _ in range(self._brokers if self._proxied else 0)]
        ports = [link.port for link in self.kafka_links]
        if self._brokers == 1:
            self.broker = KafkaBroker(front_port=ports[0] if ports else None)
        else:
            self.broker = KafkaCluster(self._brokers, front_ports=ports)
        self._closing.append(self.broker.close)
        self.postgres = PostgresServer(durable=True)
        self._closing.append(self.postgres.close)
        self.broker.start()
        self.postgres.start()
        url = self.postgres.create_database()
        self.direct_url = url
        bootstrap = self.broker.bootstrap
        if self._proxied:
            brokers = getattr(self.broker, "brokers", [self.broker])
            for link, broker in zip(self.kafka_links, brokers, strict=True):
                link.target_port = broker.behind
            self.postgres_link = self._proxy(self.postgres.port)
            url = url.replace(f":{self.postgres.port}/", f":{self.postgres_link.port}/")
            bootstrap = ",".join(f"127.0.0.1:{port}" for port in ports)
        self.world = World(self.broker, url, self._folder, bootstrap=bootstrap)
        self._closing.append(self.world.close)
        self.world.apply_topics(self.partitions)
        stream = Stream(random.Random(self.rng.random()), **self._stream_options)
        self.load = Load(self.broker.bootstrap, stream, self._rate)

    @property
    def folder(self):
        """Return a folder that goes with the run."""
        return self._folder

    def closing(self, close):
        """Call this too at the end, after what was opened later."""
        self._closing.append(close)

    def fresh_database(self):
        """Let processes that are started from now on begin with an empty database."""
        self.direct_url = self.world.database_url = self.postgres.create_database()

    def lose_database(self):
        """Drop the database; a new one, without a schema, has its name."""
        self.postgres.drop_database(self.direct_url)
        with psycopg.connect(self.postgres.url(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {self.direct_url.rpartition('/')[2]}")

    def change_database(self, statement, values=None):
        """Run a statement past every proxy."""
        with psycopg.connect(self.direct_url, autocommit=True) as connection:
            connection.execute(statement, values)

    def _proxy(self, target_port=None):
        link = FaultProxy(target_port, seed=self.seed)
        self._closing.append(link.close)
        return link

    def rows(self, statement, *values):
        """Ask the database past every proxy."""
        with psycopg.connect(self.direct_url, autocommit=True, connect_timeout=5) as connection:
            return connection.execute(statement, values).fetchall()

    def member(self, name, *command, **environ):
        """Start a process of the product and keep it under a name."""
        self.members[name] = Member(self.world, name, command, environ).start()
        return self.members[name]

    def ingest(self, name, *options, static=True):
        """Start an ingest process; `options` choose one of the builds made here for a purpose."""
        environ = {"LEADLINE_KAFKA_INSTANCE_ID": name} if static else {}
        command = (BUILD, *options) if options else ("services.ingest",)
        return self.member(name, *command, **environ)

    def fault(self, kind):
        """Count a fault."""
        self.faults[kind] += 1

    def progressed(self, kind, *, limit_s=RECOVERY_SECONDS):
        """Wait until every partition of the main topic has moved on; note how long it took."""
        begun, base = time.perf_counter(), None
        while True:
            try:
                now = self._main_offsets()
            except psycopg.OperationalError:
                now = None
            base = base or now
            if now and len(now) >= self.partitions and all(now[p] > base.get(p, -1) for p in now):
                break
            took = time.perf_counter() - begun
            assert took < limit_s, (
                f"no progress {took:.0f} s after {kind}: {self._standing(base, now)}\n"
                f"{self.world.tails()}"
            )
            time.sleep(0.05)
        self.recovery[kind].append(round(time.perf_counter() - begun, 2))

    def _standing(self, base, now):
        """Return of each partition where it stood, where it stands, and where its log ends."""
        ends = log.ends(self.broker.bootstrap, [MAIN_TOPIC])
        base, now = base or {}, now or {}
        return {p: (base.get(p), now.get(p), end) for (_, p), (_, end) in ends.items()}

    def _main_offsets(self):
        return {p: o for (t, p), o in readings.offsets(self.rows).items() if t == MAIN_TOPIC}

    def heal(self):
        """Mend everything that was broken, and stop the load."""
        for link in self.kafka_links:
            link.heal()
        if self._proxied:
            self.postgres_link.heal()
        for member in self.members.values():
            if member.frozen:
                member.thaw()
        self.load.stop()

    def drain(self, *, scoring=False):
        """Wait until nothing is left to read, to publish or to score."""
        begun, left = time.perf_counter(), "nothing was asked yet"
        marks = log.ends(self.broker.bootstrap)
        ends = {place: following for place, (_, following) in marks.items() if following}
        while left:
            took = time.perf_counter() - begun
            assert took < DRAIN_SECONDS, (
                f"not drained in {took:.0f} s: {left}\n{self.world.tails()}"
            )
            left = self._left(ends, scoring=scoring)
            if left:
                time.sleep(0.1)
        self.recovery["drain"].append(round(time.perf_counter() - begun, 2))

    def _left(self, ends, *, scoring):
        try:
            reached = readings.offsets(self.rows)
            lag = {
                place: following - reached.get(place, 0)
                for place, following in ends.items()
                if place[0] in INBOUND and reached.get(place, 0) < following
            }
            left = lag or readings.pending(self.rows, scoring=scoring)
            return left or (self._lately_told() if scoring else {})
        except psycopg.OperationalError as error:
            return str(error)

    def _lately_told(self):
        """Return what was told a moment ago: once nobody waits, the week's budget is shared."""
        now, told = time.perf_counter(), readings.told(self.rows)
        if told != self._told[0]:
            self._told = told, now
        return {} if now - self._told[1] >= TOLD_SECONDS else {"events told lately": told}

    def compare(self):
        """Compare every table and every topic with what the log says.

        What is told while this reads is in some readings and not in others: an event must be in its
        topic if it was told before the topics were read, and be known if it was after.
        """
        told_before = readings.stream(self.rows).keys()
        records = log.read(self.broker.bootstrap)
        found = readings.state(self.rows)
        expected = oracle.expected(records, self._stored_posts(found))
        judge.compare_state(self.findings, expected, found)
        judge.compare_acknowledged(self.findings, self.load.acknowledged, records)
        letters = [r for r in records if r.topic.endswith(".dlq")]
        judge.compare_dead_letters(self.findings, expected["letters"], letters)
        outbound = [r for r in records if r.topic in OUTBOUND]
        stream = readings.stream(self.rows)
        judge.compare_outbound(self.findings, stream, outbound, told_before)
        judge.compare_told(self.findings, self.told, stream, outbound)
        for run_id in set(self.acted) - readings.runs(self.rows):
            self.findings.note("lost", f"the acknowledged run {run_id} is not there")
        for member in self.members.values():
            if (code := member.ended()) is not None:
                said = f"{member.name} ended by itself with {code}: {member.log[-1_500:]}"
                self.findings.note("differing", said)
        self.events = sum(1 for r in records if r.topic in INBOUND)
        return self.findings

    def _stored_posts(self, found):
        """Return what was accepted over HTTP, and what was stored without our hearing of it."""
        return [
            event
            for event, heard in self.posted
            if heard or (event["source"], event["id"]) in found["ledger"]
        ]

    def verdict(self, *, scoring=False):
        """Heal, drain and compare; return the summary."""
        self.heal()
        self.drain(scoring=scoring)
        self.compare()
        return self.summary()

    def summary(self):
        """Return the run as one JSON object."""
        return {
            "procedure": self.name,
            "seed": self.seed,
            "faults": dict(self.faults),
            "events": self.events,
            "lost": self.findings.lost,
            "doubled": self.findings.doubled,
            "differing": self.findings.differing,
            "said": self.findings.said,
            "recovery_s": {kind: spread(took) for kind, took in self.recovery.items()},
            "seconds": round(time.perf_counter() - self._begun, 1),
        }

    def close(self):
        """End everything, newest first."""
        for close in reversed(self._closing):
            close()
        shutil.rmtree(self._folder, ignore_errors=True)


INBOUND = {f"leadline.{noun}.v1" for noun in readings.NOUNS.values()}
OUTBOUND = {f"leadline.{noun}.v1" for noun in ("signal", "alert", "playbook_trigger")}


def spread(took):
    """Return count, median and maximum."""
    ordered = sorted(took)
    return {"n": len(ordered), "median": ordered[len(ordered) // 2], "max": ordered[-1]}
