"""Declarative maps: files of other shapes become CloudEvents."""

from services.ingest.adapters.load import MappingError, find_mapping, load_mapping
from services.ingest.adapters.rows import WrongFileError
from services.ingest.adapters.run import MappedEvent, MappedFile, RowReject

__all__ = [
    "MappedEvent",
    "MappedFile",
    "MappingError",
    "RowReject",
    "WrongFileError",
    "find_mapping",
    "load_mapping",
]
