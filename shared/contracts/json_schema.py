"""JSON Schema of every event, made from the types that decode them."""

from __future__ import annotations

from typing import Any

import msgspec

from shared.contracts.envelope import Attributes
from shared.contracts.inbound import PAYLOADS
from shared.contracts.outbound import OUTBOUND_PAYLOADS, OutboundEvent
from shared.domain.event_types import BY_TOPIC

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Schema = dict[str, Any]

_PLACED = {"specversion", "data"}


def payload_types() -> dict[str, type]:
    """Return the payload struct of every event type, inbound first."""
    inbound: dict[str, type] = {name: PAYLOADS[kind] for name, kind in BY_TOPIC.items()}
    return inbound | OUTBOUND_PAYLOADS


def component_schemas(ref_template: str) -> tuple[dict[str, Schema], dict[str, Schema]]:
    """Return the schema of each event by its type, and the components that they refer to.

    `ref_template` says where components lie, such as `#/$defs/{name}`.
    """
    types = payload_types()
    envelopes: list[Any] = [Attributes, OutboundEvent[msgspec.Raw]]
    found, components = msgspec.json.schema_components(
        [*envelopes, *types.values()], ref_template=ref_template
    )
    inbound, outbound = (_resolved(ref, components, ref_template) for ref in found[:2])
    events = {}
    for (name, _), payload in zip(types.items(), found[2:], strict=True):
        events[name] = _event(inbound if name in BY_TOPIC else outbound, name, payload)
    envelope_names = {_name(ref, ref_template) for ref in found[:2]}
    kept = {name: schema for name, schema in components.items() if name not in envelope_names}
    return events, kept


def event_schema(name: str) -> Schema:
    """Return the self-contained schema of one event type in structured mode."""
    events, components = component_schemas("#/$defs/{name}")
    needed = _reachable(events[name], components)
    definitions = {key: components[key] for key in sorted(needed)}
    return {"$schema": DIALECT, **events[name], "$defs": definitions}


def _event(envelope: Schema, name: str, payload: Schema) -> Schema:
    properties = dict(envelope["properties"])
    properties["type"] = {"const": name}
    properties["data"] = payload
    # What we write always carries it, but the struct's default hides that.
    required = ["specversion", *(r for r in envelope["required"] if r not in _PLACED), "data"]
    return {
        "title": name,
        "type": "object",
        "properties": properties,
        "required": required,
    }


def _name(ref: Schema, ref_template: str) -> str:
    return str(ref["$ref"]).removeprefix(ref_template.removesuffix("{name}"))


def _resolved(ref: Schema, components: dict[str, Schema], ref_template: str) -> Schema:
    return components[_name(ref, ref_template)]


def _reachable(schema: Any, components: dict[str, Schema]) -> set[str]:
    found: set[str] = set()
    waiting = [schema]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting.extend(part)
        elif isinstance(part, dict):
            waiting.extend(part.values())
            ref = part.get("$ref")
            name = ref.rsplit("/", 1)[-1] if isinstance(ref, str) else None
            if name in components and name not in found:
                found.add(name)
                waiting.append(components[name])
    return found
