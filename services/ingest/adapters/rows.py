"""A file's rows: gzip, byte-order mark, encodings and line endings are dealt with here."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, NamedTuple, Self, TextIO, cast

import msgspec

from services.ingest.adapters.schema import Input
from shared.contracts.json_faults import json_fault
from shared.runtime.expected import ExpectedError

AGAIN = "fetch it again"
GZIP = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_CELL = 4 * 1024 * 1024
SHOWN_HEADING = 300
UNPACKED_AT_ONCE = 1024 * 1024
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
OTHER_DELIMITERS = {";": "semicolons", ",": "commas", "\t": "tabs", "|": "bars"}


class WrongFileError(ExpectedError):
    """A file is not of the form that its map expects; the message says how."""


class PackedFileError(WrongFileError):
    """A packed file ends early or is damaged; nothing of it was read."""


class _Packed(gzip.GzipFile):
    """Unpacks, and says in one line when that goes no further."""

    def __init__(self, raw: BinaryIO, path: Path) -> None:
        super().__init__(fileobj=raw)
        self._path = path

    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except EOFError as error:
            raise PackedFileError(f"{self._path}: the packed file ends early; {AGAIN}") from error
        except (zlib.error, gzip.BadGzipFile) as error:
            raise PackedFileError(f"{self._path}: the packed file is damaged; {AGAIN}") from error


class Row(NamedTuple):
    """One row: its line in the file, and its cells by heading."""

    line: int
    cells: dict[str, Any]


class BadRow(NamedTuple):
    """A row that could not be read: its line, what it holds, a reason and words."""

    line: int
    cells: Any
    reason: str
    detail: str


class SourceFile:
    """A file open for reading; `fraction` says how much of it has been read."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._raw = path.open("rb")
        self._size = max(path.stat().st_size, 1)
        packed = self._raw.read(2) == GZIP
        self._raw.seek(0)
        try:
            if packed:
                self._require_whole()
            self._bytes = io.BufferedReader(
                cast("Any", _Packed(self._raw, path) if packed else self._raw)
            )
            if self._bytes.peek(3)[:3] == BYTE_ORDER_MARK:
                self._bytes.read(3)
        except BaseException:
            self._raw.close()
            raise

    def _require_whole(self) -> None:
        """Unpack all of it once: behind a damaged byte come rows that nobody wrote."""
        packed = _Packed(self._raw, self._path)
        while packed.read(UNPACKED_AT_ONCE):
            pass
        self._raw.seek(0)

    @property
    def fraction(self) -> float:
        """Return how much of the file has been read, 0..1."""
        return 1.0 if self._raw.closed else min(self._raw.tell() / self._size, 1.0)

    def rows(self, form: Input, needed: Sequence[str] = ()) -> Iterator[Row | BadRow]:
        """Yield the rows in the file's order.

        Raises `WrongFileError` for a table whose heading lacks one of the `needed` columns.
        """
        self._refuse_utf_16()
        if form.format == "csv":
            text = io.TextIOWrapper(self._bytes, encoding="latin-1", newline="")
            try:
                yield from _csv_rows(text, form, lambda found: self._check(found, needed, form))
            finally:
                text.detach()  # the bytes are ours to close
        else:
            yield from _json_rows(self._bytes)

    def _refuse_utf_16(self) -> None:
        begin = self._bytes.peek(4)[:4]
        if begin[:2] in UTF_16 or (b"\0" in begin and begin != b"\0" * len(begin)):
            raise WrongFileError(
                f"{self._path}: is in UTF-16; save it in UTF-8 (a spreadsheet's `CSV UTF-8`), or"
                f" `iconv -f UTF-16 -t UTF-8 {self._path.name}`"
            )

    def _check(self, headings: Sequence[str], needed: Sequence[str], form: Input) -> None:
        lacking = [name for name in needed if name not in headings]
        parted = _delimiter_of(headings[0]) if len(headings) == 1 else None
        if parted is not None and (lacking or not needed):
            raise WrongFileError(
                f"{self._path}: its cells are parted by {OTHER_DELIMITERS[parted]}, where"
                f" {OTHER_DELIMITERS.get(form.delimiter, repr(form.delimiter))} are expected; save"
                f" it with those, or say `delimiter: {parted!r}` under `input` in a map (--map)"
            )
        if lacking:
            found = ", ".join(map(repr, headings))[:SHOWN_HEADING]
            raise WrongFileError(
                f"{self._path}: the heading (line 1) lacks {_quoted(lacking)}; it has {found};"
                f" the map expects {_quoted(needed)}"
            )

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield number and text of the lines that are not blank, without their ends."""
        self._refuse_utf_16()
        for number, line in enumerate(self._bytes, start=1):
            if stripped := line.strip():
                yield number, stripped

    def __enter__(self) -> Self:
        """Return the open file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self._bytes.close()
        self._raw.close()


def _delimiter_of(heading: str) -> str | None:
    """Return what parts the names of a heading that was read as one name, if anything does."""
    return max((one for one in OTHER_DELIMITERS if one in heading), key=heading.count, default=None)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _csv_rows(
    text: TextIO, form: Input, check: Callable[[Sequence[str]], None]
) -> Iterator[Row | BadRow]:
    """Read as Latin-1, which loses nothing, and decode each cell by itself afterwards."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=form.delimiter)
    decode = _cell_decoder(form.encodings)
    headings: list[str] | None = None
    while True:
        try:
            cells = next(reader)
            line = reader.line_num
            cells = [cell if cell.isascii() else decode(cell) for cell in cells]
        except StopIteration:
            return
        except UnicodeDecodeError as error:
            yield BadRow(line, cells, "not_utf8", f"not {' or '.join(form.encodings)}: {error}")
            continue
        except csv.Error as error:
            yield BadRow(reader.line_num, "", "invalid_field", f"not CSV: {error}")
            continue
        if headings is None:
            headings = [cell.strip() for cell in cells]
            check(headings)
        elif len(cells) == len(headings):
            yield Row(line, dict(zip(headings, cells, strict=True)))
        elif cells:
            fault = f"{len(cells)} cells, {len(headings)} expected"
            yield BadRow(line, cells, "invalid_field", fault)


def _cell_decoder(encodings: tuple[str, ...]) -> Callable[[str], str]:
    def decode(cell: str) -> str:
        raw = cell.encode("latin-1")
        for encoding in encodings[:-1]:
            try:
                return raw.decode(encoding)
            except UnicodeDecodeError:
                continue
        return raw.decode(encodings[-1])

    return decode


def _json_rows(stream: BinaryIO) -> Iterator[Row | BadRow]:
    decoder = msgspec.json.Decoder()
    for line, text in enumerate(stream, start=1):
        if not text.strip():
            continue
        try:
            cells = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield BadRow(line, text.decode("latin-1"), "not_json", json_fault(error, text))
            continue
        if isinstance(cells, dict):
            yield Row(line, cells)
        else:
            yield BadRow(line, cells, "not_json", "not an object")
