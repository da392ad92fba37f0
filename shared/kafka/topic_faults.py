"""What is wrong with a topic that is there, each with its fix; pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.contracts.topics import TopicSpec


def wanted_partitions(spec: TopicSpec, partitions: int | None) -> int:
    """Return how many partitions a topic should have; an operator decides for inbound alone.

    Dead letters are few and outbound events are ours, so the registry knows both.
    """
    return partitions if partitions and spec.direction == "inbound" else spec.partitions


def topic_faults(
    spec: TopicSpec, wanted: int, partitions: int, config: Mapping[str, str | None]
) -> list[str]:
    """Return the faults of a present topic; more partitions or larger records are none.

    How long records are kept is the operator's choice.
    """
    faults = [
        _reconfigure(spec, name, config[name])
        for name in ("message.timestamp.type", "cleanup.policy")
        if name in config and config[name] != spec.config[name]
    ]
    if partitions < wanted:
        faults.append(
            f"{partitions} partitions, not {wanted}: run `kafka-topics.sh --alter --topic"
            f" {spec.name} --partitions {wanted}`{_or_fewer(spec, partitions)}"
        )
    largest = config.get("max.message.bytes")
    if largest and int(largest) < int(spec.config["max.message.bytes"]):
        faults.append(_reconfigure(spec, "max.message.bytes", largest))
    return faults


def _or_fewer(spec: TopicSpec, partitions: int) -> str:
    if spec.direction != "inbound":
        return ""
    return f", or give --partitions {partitions} if that is meant"


def _reconfigure(spec: TopicSpec, name: str, value: str | None) -> str:
    return (
        f"{name} is {value}, not {spec.config[name]}: run `kafka-configs.sh --alter --entity-type"
        f" topics --entity-name {spec.name} --add-config {name}={spec.config[name]}`"
    )
