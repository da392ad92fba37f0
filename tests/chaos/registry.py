"""The procedures, by name; each is a function of a size and a seed that returns its summary."""

from tests.chaos.procedures.ingest_kills import ingest_kills

PROCEDURES = {
    "T1": ingest_kills,
}
