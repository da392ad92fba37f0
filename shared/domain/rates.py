"""Rates of exchange by month, and amounts in the reporting currency.

A rate is how many units of the reporting currency one unit of another is worth. What has no
rate has no worth here, never the same number: a total says what it lacks.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

COLUMNS = ("month", "currency", "rate")
ONE = Decimal(1)
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_NUMBER = re.compile(r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,2})?")
_LEAST, _MOST = Decimal("1e-12"), Decimal("1e12")


class RatesError(ValueError):
    """A table of rates is wrong; the message says where, why and what is allowed."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What one unit of each currency is worth at one moment, in the reporting currency."""

    reporting: str
    rates: Mapping[str, Decimal]  # the reporting currency among them, as 1

    def currency(self, named: str | None) -> str:
        """Return the currency of an amount: one that names none is in the reporting currency."""
        return named or self.reporting

    def of(self, amount: Decimal, currency: str | None) -> Decimal | None:
        """Return the amount in the reporting currency; None without a rate."""
        rate = self.rates.get(self.currency(currency))
        return None if rate is None else amount * rate


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of all months."""

    reporting: str
    months: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by currency, ascending
    values: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)  # by currency, month

    def latest(self, moment: datetime) -> dict[str, str]:
        """Return the month, `2026-03`, of each currency's last rate not after the moment (UTC)."""
        now = f"{moment:%Y-%m}"
        places = {one: bisect_right(months, now) for one, months in self.months.items()}
        return {one: self.months[one][at - 1] for one, at in places.items() if at}

    def at(self, moment: datetime) -> Worth:
        """Return each currency's rate of its latest month not after the moment (UTC)."""
        last = self.latest(moment).items()
        rates = {currency: self.values[currency, month] for currency, month in last}
        return Worth(self.reporting, rates | {self.reporting: ONE})


def read_rates(text: str, reporting: str, known: Collection[str]) -> Rates:
    """Return the rates of a CSV `month,currency,rate` into the `reporting` currency.

    Empty lines and lines that begin with `#` tell nothing. `known` are the codes that a currency
    may have. Raises `RatesError` at the first line that is wrong.
    """
    values: dict[tuple[str, str], Decimal] = {}
    lines: dict[tuple[str, str], int] = {}
    for number, cells in _rows(text):
        try:
            (currency, month), rate = _rate(cells, reporting, known)
        except RatesError as error:
            raise RatesError(f"line {number}: {error}") from None
        first = lines.setdefault((currency, month), number)
        if first != number:
            raise RatesError(
                f"line {number}: {currency} has its rate of {month} in line {first} already;"
                " one of them is allowed"
            )
        values[currency, month] = rate
    if not values:
        raise RatesError("there is no rate in it; one is a line such as 2026-03,EUR,1.0842")
    months: dict[str, list[str]] = defaultdict(list)
    for currency, month in sorted(values):
        months[currency].append(month)
    return Rates(reporting, {name: tuple(found) for name, found in months.items()}, values)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each line that tells a rate; the first one must be the header."""
    begun = False
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader([line], strict=True))]
        except csv.Error as error:
            raise RatesError(f"line {number}: is no CSV: {error}") from error
        if begun:
            yield number, cells
        elif tuple(cells) != COLUMNS:
            raise RatesError(f"line {number}: the header must be {','.join(COLUMNS)}")
        begun = True


def _rate(
    cells: list[str], reporting: str, known: Collection[str]
) -> tuple[tuple[str, str], Decimal]:
    """Return currency, month and rate of one line."""
    if len(cells) != len(COLUMNS):
        raise RatesError(f"{len(cells)} values; three are needed, as in 2026-03,EUR,1.0842")
    month, currency, rate = cells
    if not _MONTH.fullmatch(month):
        raise RatesError(f"{month!r} is no month; one is written as 2026-03")
    if currency not in known:
        raise RatesError(f"{currency!r} is no currency; a code of ISO 4217 is, such as EUR or VND")
    if not _NUMBER.fullmatch(rate) or not _LEAST <= Decimal(rate) <= _MOST:
        raise RatesError(f"{rate!r} is no rate; a number above 0 is, such as 1.0842")
    value = Decimal(rate)
    if currency == reporting and value != ONE:
        raise RatesError(f"{currency} is the reporting currency, whose rate is 1, not {rate}")
    return (currency, month), value
