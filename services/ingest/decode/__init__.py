"""Bytes from outside to facts, or to a named reason why not; pure, and it never raises."""

from services.ingest.decode.decoder import decode
from services.ingest.decode.defects import UNDECODABLE, undecodable
from services.ingest.decode.fact import REASONS, Fact, Rejection
from services.ingest.decode.stored import decode_payload

__all__ = [
    "REASONS",
    "UNDECODABLE",
    "Fact",
    "Rejection",
    "decode",
    "decode_payload",
    "undecodable",
]
