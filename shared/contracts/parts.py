"""The objects inside payloads: people, companies and promises."""

from __future__ import annotations

from msgspec import UNSET, Struct

from shared.contracts.values import Maybe, Name, Number, PersonId, Ref, Text


class Person(Struct, gc=False):
    """Someone on our side."""

    id: PersonId
    name: Maybe[Text] = UNSET


class TeamMember(Struct, gc=False):
    """Someone on our side and the role that playbooks ask for."""

    id: PersonId
    role: Text
    name: Maybe[Text] = UNSET


class ExternalId(Struct, gc=False):
    """What another system calls the account."""

    system: Ref
    code: Ref


class SlaTerms(Struct, gc=False):
    """What was promised: shares as 0..1 or in percent, times in hours."""

    otd: Maybe[Number] = UNSET
    document_accuracy: Maybe[Number] = UNSET
    response_hours: Maybe[Number] = UNSET
    closure_hours: Maybe[Number] = UNSET


class Sla(SlaTerms, gc=False):
    """The account's terms, and those of single lanes where they differ."""

    lanes: Maybe[dict[Text, SlaTerms]] = UNSET


class Party(Struct, gc=False):
    """A company named on a booking."""

    id: Maybe[Ref] = UNSET
    name: Maybe[Name] = UNSET


class Parties(Struct, gc=False):
    """Who ships, receives, decides and pays; an id alone or with its name."""

    shipper: Maybe[Text | Party] = UNSET
    consignee: Maybe[Text | Party] = UNSET
    controller: Maybe[Text | Party] = UNSET
    payer: Maybe[Text | Party] = UNSET
