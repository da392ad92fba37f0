r"""Header names that are not UTF-8: the records that carry them are read all the same.

Producers in C may send any bytes as a name, and Java's client reads them. aiokafka raises in the
middle of its batch instead, again at each attempt: nothing of the partition would come any more.
Such a batch is read again from its bytes, with what is no character as an escape (`Gr\xf6sse`).
There is no setting for it, so this takes the place of two of the fetcher's parts. aiokafka is
pinned, and a test reads such records from a real broker.
"""

from __future__ import annotations

from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_LENGTH_AT, _AFTER_LENGTH = 8, 12


def read_odd_headers() -> None:
    """Have every consumer of this process read such records."""
    fetcher.MemoryRecords = Batches
    fetcher.PartitionRecords = Records


class Batches:
    """A fetch's batches, of which the last one handed out can be had again, to be read with care.

    Nothing is done per record here: it is on the hot path of ingest.
    """

    def __init__(self, raw: bytes) -> None:
        self._raw = raw
        self._batches = MemoryRecords(raw)
        self._begin = self._end = 0
        self._again = False

    def again(self) -> None:
        """Hand out the last batch once more."""
        self._again = True

    def size_in_bytes(self) -> int:
        """Return how much was fetched."""
        return len(self._raw)

    def has_next(self) -> bool:
        """Tell whether a whole batch is left."""
        return self._again or bool(self._batches.has_next())

    def next_batch(self) -> Any:
        """Return the next batch."""
        if self._again:
            self._again = False
            return CarefulBatch(self._raw[self._begin : self._end])
        at = self._begin = self._end
        length = int.from_bytes(self._raw[at + _LENGTH_AT : at + _AFTER_LENGTH], "big")
        self._end = at + _AFTER_LENGTH + length
        return self._batches.next_batch()


class Records(fetcher.PartitionRecords):  # type: ignore[misc]  # it has no types
    """The records of a fetch; those before the odd one are not handed out twice."""

    _records_iterator: Any

    def __next__(self) -> Any:
        """Return the next record."""
        try:
            return next(self._records_iterator)
        except StopIteration:
            self._records_iterator = None  # it holds this object
            raise
        except (UnicodeDecodeError, CorruptRecordException) as error:
            if not _is_of_a_name(error):
                raise
        self._records.again()
        self._records_iterator = self._unpack_records()
        return next(self)


class CarefulBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # it has no types
    """A batch whose headers may have any bytes as their names."""

    _pos: int

    def _read_msg(self, decode_varint: Any = decode_varint) -> Any:
        buffer, at = self._buffer, self._pos

        def number() -> int:
            nonlocal at
            value, at = decode_varint(buffer, at)
            return int(value)

        def some() -> bytes | None:
            nonlocal at
            length = number()
            if length < 0:
                return None
            at += length
            return bytes(buffer[at - length : at])

        end = number() + at
        number()  # attributes, of which there are none
        since_first, offset = number(), self.base_offset + number()
        key, value = some(), some()
        headers = [(_readable(some() or b""), some()) for _ in range(number())]
        if at != end:
            raise CorruptRecordException(f"a record ends at {at}, not at {end}")
        self._pos = at
        of_log = self.timestamp_type == self.LOG_APPEND_TIME
        timestamp = self.max_timestamp if of_log else self.first_timestamp + since_first
        return _DefaultRecordPy(offset, timestamp, self.timestamp_type, key, value, headers)


def _is_of_a_name(error: Exception) -> bool:
    """Tell whether a name could not be decoded; the parser in Python wraps the fault."""
    cause = error.__cause__ if isinstance(error, CorruptRecordException) else error
    return isinstance(cause, UnicodeDecodeError)


def _readable(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
