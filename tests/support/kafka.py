"""A real Apache Kafka broker (KRaft) on loopback: start, stop, kill, restart."""

import base64
import os
import shutil
import time
import uuid

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.support import process
from tests.support.process import CACHE, UnavailableError

LIBS = CACHE / "kafka" / "libs"
CLASS_ARCHIVE = CACHE / "kafka" / "classes.jsa"
FORMATTED = CACHE / "kafka" / "formatted"
JVM = ("-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData")
FOR_TESTS = {
    # A first join in half a second instead of three and a half.
    "offsets.topic.num.partitions": 1,
    "transaction.state.log.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1000,
    # Subscribing must not create what `topics apply` forgot.
    "auto.create.topics.enable": "false",
    # Topics that keep producers' times would lose replayed history at the first check.
    "log.retention.ms": -1,
    "log.retention.check.interval.ms": 1000,
    "log.initial.task.delay.ms": 500,
    # A killed broker serves again after 4 s instead of 13.
    "broker.session.timeout.ms": 3000,
    "broker.heartbeat.interval.ms": 500,
    "num.network.threads": 2,
    "num.io.threads": 2,
    "background.threads": 2,
    "num.recovery.threads.per.data.dir": 2,
    "log.cleaner.dedupe.buffer.size": 4194304,
}


def require_kafka():
    """Raise `UnavailableError` unless Java and Kafka's jars are here."""
    if not shutil.which("java"):
        raise UnavailableError("java is not installed")
    if not any(LIBS.glob("kafka_2.13-*.jar")):
        raise UnavailableError("Kafka's jars are missing: install Maven, then run `make setup`")


class ClusterPlan:
    """What brokers of one cluster must agree on."""

    def __init__(self, size=1):
        self.id = _random_id()
        self.size = size
        self.quorum = size // 2 + 1
        self.controllers = dict(enumerate(process.free_ports(size), 1))

    def voters(self):
        return ",".join(f"{node}@127.0.0.1:{port}" for node, port in self.controllers.items())

    def copies(self):
        """Keep the broker's own topics on every broker; acknowledged means known to a quorum."""
        factors = ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        floors = ("transaction.state.log", "share.coordinator.state.topic")
        return (
            {f"{topic}.replication.factor": self.size for topic in factors}
            | {f"{topic}.min.isr": self.quorum for topic in floors}
            | {"min.insync.replicas": self.quorum}
        )


class KafkaBroker:
    """One broker that is also a controller; it keeps its data and port over restarts.

    `front_port` is a proxy's, which leads to `behind`: clients that come through it are sent
    back to it by every answer, while those that ask at `bootstrap` go past it.
    """

    def __init__(self, *, cluster=None, node=1, front_port=None, **settings):
        require_kafka()
        self.cluster = cluster or ClusterPlan()
        self.node = node
        self.home = process.short_dir("kafka")
        self.log = self.home / "broker.log"
        self.port, self.behind = process.free_ports(2)
        self.bootstrap = f"127.0.0.1:{self.port}"
        self._process = None
        self._archive = None
        self._config = self.home / "server.properties"
        config = self._addresses(front_port) | self.cluster.copies() | FOR_TESTS
        self._config.write_text("".join(f"{k}={v}\n" for k, v in (config | settings).items()))
        self._format()

    @property
    def pid(self):
        return self._process.pid

    @property
    def running(self):
        return self._process is not None and self._process.poll() is None

    def start(self, timeout_s=60):
        """Start and wait until the broker serves."""
        self.launch()
        self.wait_ready(timeout_s)
        return self

    def launch(self):
        """Start without waiting: of three brokers none serves before the second is up."""
        self._process = process.start(self._java("kafka.Kafka", archive=True), self.log, cwd="/")

    def stop(self):
        """End cleanly, as an operator would; the first one leaves a class archive behind."""
        process.stop(self._process, timeout_s=60)
        if self._archive and self._archive.exists():
            self._archive.rename(CLASS_ARCHIVE)

    def kill(self):
        """SIGKILL."""
        process.kill(self._process)

    def restart(self):
        """Start again on the same port with the same data, whatever ended it."""
        process.kill(self._process)
        return self.start()

    def close(self):
        """End for good and remove the data."""
        if self._process is not None:
            if CLASS_ARCHIVE.exists():
                self.kill()
            else:
                self.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    def _addresses(self, front_port):
        listens = {"PLAINTEXT": self.port}
        advertised = dict(listens)
        if front_port:
            listens["FRONT"], advertised["FRONT"] = self.behind, front_port
        names = (*listens, "CONTROLLER")
        return {
            "process.roles": "broker,controller",
            "node.id": self.node,
            "controller.quorum.voters": self.cluster.voters(),
            "listeners": _at({**listens, "CONTROLLER": self.cluster.controllers[self.node]}),
            "advertised.listeners": _at(advertised),
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": ",".join(f"{name}:PLAINTEXT" for name in names),
            "log.dirs": self.home / "data",
        }

    def _java(self, main, *arguments, archive=False):
        options = []
        if archive and CLASS_ARCHIVE.exists():
            options = [f"-XX:SharedArchiveFile={CLASS_ARCHIVE}"]
        elif archive:
            self._archive = CLASS_ARCHIVE.with_suffix(f".{os.getpid()}")
            options = [f"-XX:ArchiveClassesAtExit={self._archive}"]
        quiet = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return ["java", *JVM, *options, quiet, "-cp", f"{LIBS}/*", main, *arguments, self._config]

    def _format(self):
        """Lay out the storage: formatted once per machine, then copied with a new identity."""
        data = self.home / "data"
        cluster_id = self.cluster.id
        if not FORMATTED.exists():
            # One word: one id of 64 begins with a dash.
            named = f"--cluster-id={cluster_id}"
            command = self._java("kafka.tools.StorageTool", "format", named, "-c")
            if process.start(command, self.log, cwd="/").wait(60):
                raise RuntimeError(f"cannot format Kafka's storage:\n{process.tail(self.log)}")
            process.keep(data, FORMATTED)
            return
        shutil.copytree(FORMATTED, data)
        identity = {
            "version": 1,
            "cluster.id": cluster_id,
            "node.id": self.node,
            "directory.id": _random_id(),
        }
        lines = "".join(f"{k}={v}\n" for k, v in identity.items())
        (data / "meta.properties").write_text(lines)

    def wait_ready(self, timeout_s=60):
        """Wait for metadata that names all brokers and a controller: a port alone is too early."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0})
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline:
            if self._process.poll() is not None:
                break
            try:
                cluster = admin.list_topics(timeout=1)
            except KafkaException:
                continue
            if len(cluster.brokers) >= self.cluster.quorum and cluster.controller_id >= 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"Kafka does not serve:\n{process.tail(self.log)}")


def _at(ports):
    return ",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items())


def _random_id():
    return base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
