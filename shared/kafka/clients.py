"""Kafka clients with our delivery settings."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.kafka.odd_headers import read_odd_headers
from shared.runtime.settings import Settings
from shared.runtime.tls import tls_context

log = structlog.get_logger(__name__)

SESSION_TIMEOUT_MS = 10_000
HEARTBEAT_MS = 1_000
METADATA_MAX_AGE_MS = 15_000
PARTITION_FETCH_BYTES = 4 * 1024 * 1024
STOP_SECONDS = 8.0


def connection_options(settings: Settings) -> dict[str, Any]:
    """Return the options that every client shares: address and security."""
    options: dict[str, Any] = {
        "bootstrap_servers": settings.kafka_bootstrap,
        "security_protocol": settings.kafka_security_protocol,
    }
    if settings.kafka_security_protocol.startswith("SASL"):
        options |= {
            "sasl_mechanism": settings.kafka_sasl_mechanism or "PLAIN",
            "sasl_plain_username": settings.kafka_sasl_username,
            "sasl_plain_password": settings.kafka_sasl_password.get_secret_value(),
        }
    if settings.kafka_security_protocol.endswith("SSL"):
        options["ssl_context"] = tls_context(
            settings.kafka_ssl_cafile, settings.kafka_ssl_certfile, settings.kafka_ssl_keyfile
        )
    return options


def make_consumer(
    settings: Settings, *, session_timeout_ms: int = SESSION_TIMEOUT_MS
) -> AIOKafkaConsumer:
    """Return a group consumer that never decides where to begin: the database does.

    Policy `none` is the only one that is loud when records are gone; no deserializer, since a
    raising one wedges the client.
    """
    read_odd_headers()
    return AIOKafkaConsumer(
        group_id=settings.kafka_group,
        group_instance_id=settings.kafka_instance_id or None,
        enable_auto_commit=False,
        auto_offset_reset="none",
        isolation_level="read_committed",
        session_timeout_ms=session_timeout_ms,
        heartbeat_interval_ms=min(HEARTBEAT_MS, session_timeout_ms // 3),
        rebalance_timeout_ms=max(10_000, session_timeout_ms),
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        max_partition_fetch_bytes=PARTITION_FETCH_BYTES,
        **connection_options(settings),
    )


def make_producer(settings: Settings) -> AIOKafkaProducer:
    """Return an idempotent producer: acknowledged by all in-sync replicas, in order."""
    return AIOKafkaProducer(
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        compression_type="lz4",
        max_request_size=4 * 1024 * 1024,
        **connection_options(settings),
    )


@contextlib.asynccontextmanager
async def open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """Open an admin client."""
    admin = AIOKafkaAdminClient(request_timeout_ms=10_000, **connection_options(settings))
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def stop_client(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Stop a client within a bound; a dead broker makes `stop` hang or raise CancelledError."""
    task = asyncio.ensure_future(client.stop())
    done, _ = await asyncio.wait({task}, timeout=STOP_SECONDS)
    if not done:
        task.cancel()
        log.warning("a Kafka client did not stop in time", seconds=STOP_SECONDS)
        return
    if task.cancelled():
        return
    if error := task.exception():
        level = log.info if isinstance(error, KafkaError) else log.warning
        level("a Kafka client stopped with an error", error=repr(error))
