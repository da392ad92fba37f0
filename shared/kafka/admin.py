"""Topics as the registry wants them: create what lacks, report what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from shared.contracts.topics import TOPICS, TopicSpec
from shared.kafka.clients import open_admin
from shared.runtime.settings import Settings


class BrokerUnavailableError(Exception):
    """The cluster does not answer, or refuses us."""


class TopicState(NamedTuple):
    """What became of one topic."""

    name: str
    partitions: int
    outcome: str  # created, present, or what is wrong
    ok: bool


async def apply_topics(
    settings: Settings, *, partitions: int | None = None, replication: int | None = None
) -> list[TopicState]:
    """Create the missing topics of the registry and check those that are there.

    `replication` defaults to three, or to all brokers where there are fewer.
    """
    async with _admin(settings) as admin:
        present = await _partition_counts(admin)
        replication = replication or min(3, len((await admin.describe_cluster())["brokers"]))
        states = []
        for spec in TOPICS:
            if spec.name in present:
                states.append(TopicState(spec.name, present[spec.name], "present", ok=True))
            else:
                states.append(await _create(admin, spec, partitions, replication))
        return states


async def missing_topics(settings: Settings, names: Sequence[str]) -> list[str]:
    """Return which of the names the cluster does not have; a group start would hang on them."""
    async with _admin(settings) as admin:
        present = await _partition_counts(admin)
    return [name for name in names if name not in present]


async def cluster_id(settings: Settings) -> str:
    """Return the cluster's id, under which offsets are kept."""
    async with _admin(settings) as admin:
        described = await admin.describe_cluster()
    return str(described["cluster_id"])


@asynccontextmanager
async def _admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    try:
        async with open_admin(settings) as admin:
            yield admin
    except (KafkaError, OSError) as error:
        raise BrokerUnavailableError(str(error) or repr(error)) from error


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    names = await admin.list_topics()
    wanted = [name for name in names if name.startswith("leadline.")]
    described = await admin.describe_topics(wanted) if wanted else []
    return {d["topic"]: len(d["partitions"]) for d in described if d["error_code"] == 0}


async def _create(
    admin: AIOKafkaAdminClient, spec: TopicSpec, partitions: int | None, replication: int
) -> TopicState:
    count = partitions or spec.partitions
    topic = NewTopic(spec.name, count, replication, topic_configs=dict(spec.config))
    try:
        answer = await admin.create_topics([topic])
    except TopicAlreadyExistsError:
        return TopicState(spec.name, count, "present", ok=True)
    for _, code, *message in answer.topic_errors:
        if code:
            why = next((m for m in message if m), for_code(code).__name__)
            return TopicState(spec.name, count, str(why), ok=False)
    return TopicState(spec.name, count, "created", ok=True)
