"""Topics as the registry wants them: create what lacks, report what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import (
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)

from shared.contracts.topics import TOPICS, TopicSpec
from shared.kafka.clients import open_admin
from shared.kafka.topic_faults import topic_faults, wanted_partitions
from shared.runtime.expected import ExpectedError
from shared.runtime.settings import Settings


class BrokerUnavailableError(ExpectedError):
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

    `partitions` is for inbound topics; `replication` defaults to three, or to all brokers where
    there are fewer. A topic that is there is never changed: its state names each fault with the
    fix.
    """
    async with _admin(settings) as admin:
        present = await _partition_counts(admin)
        configs = await _configs(admin, [spec.name for spec in TOPICS if spec.name in present])
        replication = replication or min(3, len((await admin.describe_cluster())["brokers"]))
        states = []
        for spec in TOPICS:
            count = wanted_partitions(spec, partitions)
            if spec.name in present:
                config = configs.get(spec.name)
                states.append(_checked(spec, count, present[spec.name], config))
            else:
                states.append(await _create(admin, spec, count, replication))
        return states


async def missing_topics(settings: Settings, names: Sequence[str]) -> list[str]:
    """Return which of the names the cluster does not have; a group start would hang on them."""
    async with _admin(settings) as admin:
        present = await _partition_counts(admin)
    return [name for name in names if name not in present]


async def partition_count(settings: Settings, name: str) -> int:
    """Return how many partitions one of our topics has; 0 where the cluster does not have it."""
    async with _admin(settings) as admin:
        return (await _partition_counts(admin)).get(name, 0)


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
    except IncompatibleBrokerVersion as error:
        raise BrokerUnavailableError(
            f"the broker at {settings.kafka_bootstrap} lacks what this asks of it ({error}). The"
            " embedded broker of `leadline demo` makes its topics by itself; otherwise name an"
            " Apache Kafka of 3.9 or later in LEADLINE_KAFKA_BOOTSTRAP"
        ) from error
    except KafkaConnectionError as error:  # its own words end in a Python object
        raise BrokerUnavailableError(f"no broker answers at {settings.kafka_bootstrap}") from error
    except (KafkaError, OSError) as error:
        raise BrokerUnavailableError(str(error) or repr(error)) from error


async def _partition_counts(admin: AIOKafkaAdminClient) -> dict[str, int]:
    names = await admin.list_topics()
    wanted = [name for name in names if name.startswith("leadline.")]
    described = await admin.describe_topics(wanted) if wanted else []
    return {d["topic"]: len(d["partitions"]) for d in described if d["error_code"] == 0}


async def _configs(
    admin: AIOKafkaAdminClient, names: Sequence[str]
) -> dict[str, dict[str, str | None]]:
    """Return the configuration of topics; those that we may not read are left out."""
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    answers = await admin.describe_configs(asked)
    return {
        name: {entry[0]: entry[1] for entry in entries}
        for answer in answers
        for code, _, _, name, entries in answer.resources
        if not code
    }


def _checked(
    spec: TopicSpec, wanted: int, partitions: int, config: Mapping[str, str | None] | None
) -> TopicState:
    faults = topic_faults(spec, wanted, partitions, config or {})
    said = "present" if config is not None else "present; its configuration may not be read"
    return TopicState(spec.name, partitions, "; ".join(faults) or said, ok=not faults)


async def _create(
    admin: AIOKafkaAdminClient, spec: TopicSpec, count: int, replication: int
) -> TopicState:
    topic = NewTopic(spec.name, count, replication, topic_configs=dict(spec.config))
    answer = await admin.create_topics([topic])
    for _, code, *message in answer.topic_errors:
        if for_code(code) is TopicAlreadyExistsError:  # made a moment ago: metadata lags
            return TopicState(spec.name, count, "present", ok=True)
        if code:
            why = next((m for m in message if m), for_code(code).__name__)
            return TopicState(spec.name, count, str(why), ok=False)
    return TopicState(spec.name, count, "created", ok=True)
