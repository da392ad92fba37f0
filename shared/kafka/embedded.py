"""An in-process broker that speaks Kafka's protocol, for the demo and for tests.

It is the mock cluster inside librdkafka, reached through the library that the confluent-kafka
wheel carries. It keeps everything in memory, and at most 5 MiB or 100,000 records per
partition: older records are forgotten without a word. A producer must therefore never run
further ahead of its consumer than `RETAINED_BYTES` per partition. One group member only.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import uuid
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.runtime.expected import ExpectedError

RETAINED_BYTES = 5 * 1024 * 1024
RETAINED_RECORDS = 100_000
SESSION_TIMEOUT_MS = 6_000
"""For consumers: the mock waits for `session timeout - 1 s` at a rebalance."""

_PRODUCER = 0
_ERROR_TEXT_BYTES = 512


class EmbeddedBrokerError(ExpectedError):
    """The broker cannot start; the message says what to do."""


class EmbeddedBroker:
    """A running broker; a context manager.

    Parameters
    ----------
    topics : mapping of str to int
        Topic names and their numbers of partitions.

    Attributes
    ----------
    bootstrap : str
        `host:port` for clients.
    cluster_id : str
        A new one at each start, since nothing survives a stop.
    """

    def __init__(self, topics: Mapping[str, int]) -> None:
        self.cluster_id = f"embedded-{uuid.uuid4().hex[:16]}"
        self._library = _load_library()
        self._client: int | None = _new_client(self._library)
        self._cluster: int | None = self._library.rd_kafka_mock_cluster_new(self._client, 1)
        if not self._cluster:
            self.close()
            raise EmbeddedBrokerError("the embedded broker could not open a port on 127.0.0.1")
        self._library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        for topic, partitions in topics.items():
            self._create(topic, partitions)
        self.bootstrap = str(self._library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode())

    def _create(self, topic: str, partitions: int) -> None:
        code = self._library.rd_kafka_mock_topic_create(
            self._cluster, topic.encode(), partitions, 1
        )
        if code:
            self.close()
            raise EmbeddedBrokerError(f"the embedded broker refused topic {topic} (error {code})")

    def close(self) -> None:
        """Stop; every record is gone."""
        if self._cluster:
            self._library.rd_kafka_mock_cluster_destroy(self._cluster)
            self._cluster = None
        if self._client:
            self._library.rd_kafka_destroy(self._client)
            self._client = None

    def __enter__(self) -> Self:
        """Return the running broker."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.close()


def library_path() -> Path:
    """Return the librdkafka that the installed confluent-kafka wheel carries.

    Raises `EmbeddedBrokerError` when there is none.
    """
    spec = importlib.util.find_spec("confluent_kafka")
    if spec is None or spec.origin is None:
        raise EmbeddedBrokerError(
            "the embedded broker needs the package confluent-kafka; install leadline again"
        )
    package = Path(spec.origin).parent
    places = (package.with_name("confluent_kafka.libs"), package / ".dylibs", package)
    for place in places:
        found = sorted(place.glob("librdkafka*.so*")) + sorted(place.glob("librdkafka*.dylib"))
        if found:
            return found[0]
    raise EmbeddedBrokerError(
        "this build of confluent-kafka carries no librdkafka of its own; "
        "install its binary wheel, or set LEADLINE_KAFKA_BOOTSTRAP to a real broker"
    )


def _load_library() -> ctypes.CDLL:
    """Load the library and declare the functions in use."""
    # The wheel's own module comes first: it resolves the other libraries of the wheel.
    importlib.import_module("confluent_kafka.cimpl")
    library = ctypes.CDLL(str(library_path()))
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    declare = {
        "rd_kafka_conf_new": (pointer, []),
        "rd_kafka_conf_set": (number, [pointer, text, text, text, ctypes.c_size_t]),
        "rd_kafka_new": (pointer, [number, pointer, text, ctypes.c_size_t]),
        "rd_kafka_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_new": (pointer, [pointer, number]),
        "rd_kafka_mock_cluster_destroy": (None, [pointer]),
        "rd_kafka_mock_cluster_bootstraps": (text, [pointer]),
        "rd_kafka_mock_topic_create": (number, [pointer, text, number, number]),
        "rd_kafka_mock_group_initial_rebalance_delay_ms": (None, [pointer, ctypes.c_int32]),
    }
    for name, (result, arguments) in declare.items():
        try:
            function = getattr(library, name)
        except AttributeError as error:
            raise EmbeddedBrokerError(
                f"this librdkafka has no {name}; install the confluent-kafka that leadline names"
            ) from error
        function.restype = result
        function.argtypes = arguments
    return library


def _new_client(library: ctypes.CDLL) -> int:
    """Make the client that owns the mock cluster; it says nothing itself."""
    errors = ctypes.create_string_buffer(_ERROR_TEXT_BYTES)
    conf = library.rd_kafka_conf_new()
    library.rd_kafka_conf_set(conf, b"log_level", b"0", errors, _ERROR_TEXT_BYTES)
    client = library.rd_kafka_new(_PRODUCER, conf, errors, _ERROR_TEXT_BYTES)
    if not client:
        raise EmbeddedBrokerError(f"librdkafka did not start: {errors.value.decode()}")
    return int(client)
