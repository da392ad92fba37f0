"""The value types that payloads are made of; msgspec checks their constraints while decoding."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, TypeAlias, TypeVar

from msgspec import Meta, Struct, UnsetType

from shared.contracts.currencies import Currency
from shared.domain.texts import SEEN

T = TypeVar("T")

Maybe: TypeAlias = T | UnsetType | None  # `type` statements need Python 3.12
"""An optional field: UNSET is "unchanged", null clears."""

LIMIT = 1e12  # every number of a payload stays under it

# Patterns in `extra_json_schema` are only published: the decoder has a faster way to check them.
# `(?!\n)` because Python's `$` also matches before a last line break.
_NO_CONTROL = {"pattern": r"^[^\u0000-\u001f\u007f-\u009f]*(?!\n)$"}
_NO_NUL = {"pattern": r"^[^\u0000]*$"}

Ref = Annotated[str, Meta(min_length=1, max_length=256, extra_json_schema=_NO_CONTROL)]
"""An id or reference: 1 to 256 characters; control characters are refused after decoding."""

PersonId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=256,
        pattern=rf"^(?=.*{SEEN})[^\u0000-\u001f\u007f-\u009f]*(?!\n)$",
    ),
]
"""The id of one of our people: a reference with something to see, else it is nobody."""

Text = Annotated[str, Meta(max_length=256, extra_json_schema=_NO_NUL)]
"""A short free text."""

Name = Annotated[str, Meta(min_length=1, max_length=512, extra_json_schema=_NO_NUL)]
"""The name of a company or person."""

Place = Annotated[str, Meta(max_length=128, extra_json_schema=_NO_NUL)]
"""A UN/LOCODE or the source's own name of a place; part of a unique index, hence short."""

Code = Annotated[str, Meta(max_length=64, extra_json_schema=_NO_NUL)]
"""A word of the source's own vocabulary; part of a unique index, hence short."""

Number = Annotated[float, Meta(ge=0, lt=LIMIT)]
"""A finite measure or count, not negative."""

SignedNumber = Annotated[float, Meta(gt=-LIMIT, lt=LIMIT)]
"""A finite number of either sign: delays and margins."""

_OFFSET = r"[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:?[0-9]{2})"

Time = Annotated[datetime, Meta(tz=True, extra_json_schema={"pattern": rf"{_OFFSET}(?!\n)$"})]
"""RFC 3339 with an offset."""

Date = date
"""A calendar day without a time zone."""

_UNSIGNED = r"(\+?([0-9]{1,12}(\.[0-9]*)?|\.[0-9]+)|-(0+(\.0*)?|\.0+))"
_SIGNED = r"[+-]?([0-9]{1,12}(\.[0-9]*)?|\.[0-9]+)"

DecimalText = Annotated[str, Meta(max_length=40, pattern=rf"^{_UNSIGNED}(?!\n)$")]
"""A decimal under 1e12 as text, not negative; no exponent."""

SignedDecimalText = Annotated[str, Meta(max_length=40, pattern=rf"^{_SIGNED}(?!\n)$")]
"""A decimal under 1e12 as text, of either sign; no exponent."""

DateOrTime = Annotated[
    str,
    Meta(
        max_length=40,
        pattern=rf"^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}({_OFFSET})?(?!\n)$",
    ),
]
"""A calendar day, or a moment with an offset; that it exists is checked after decoding."""


class Money(Struct, frozen=True, gc=False):
    """An amount of a currency (ISO 4217), not negative. Exact when sent as text."""

    amount: DecimalText | Number
    currency: Currency

    @property
    def exact(self) -> Decimal:
        """Return the amount as a decimal; a JSON number as its shortest decimal form."""
        return Decimal(str(self.amount))


class SignedMoney(Struct, frozen=True, gc=False):
    """An amount of a currency (ISO 4217) that may be negative: a margin."""

    amount: SignedDecimalText | SignedNumber
    currency: Currency

    @property
    def exact(self) -> Decimal:
        """Return the amount as a decimal; a JSON number as its shortest decimal form."""
        return Decimal(str(self.amount))
