"""The AsyncAPI document that is kept is the one that the types give, and it hangs together."""

import yaml

from shared.contracts.asyncapi import DOCUMENT, document, render
from shared.contracts.topics import TOPICS
from shared.domain.alerts import ALERT_TYPES


def test_the_kept_document_is_the_generated_one():
    kept = DOCUMENT.read_text(encoding="utf-8")

    assert kept == render(), "run `python -m shared.contracts.asyncapi`"


def test_the_text_reads_back_as_the_document():
    assert yaml.safe_load(render()) == yaml.safe_load(yaml.safe_dump(document()))


def test_every_topic_is_a_channel_with_one_operation():
    made = document()

    assert list(made["channels"]) == [spec.name for spec in TOPICS]
    assert len(made["operations"]) == len(TOPICS)


def test_whoever_takes_alerts_reads_of_which_types_there_are():
    said = document()["components"]["schemas"]["AlertEvent"]["properties"]["type"]["description"]

    assert [name for name in ALERT_TYPES if name not in said] == []


def test_every_reference_leads_somewhere():
    made = document()

    for ref in references(made):
        part = made
        for step in ref.removeprefix("#/").split("/"):
            part = part[step]


def references(part):
    if isinstance(part, list):
        for item in part:
            yield from references(item)
    elif isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
