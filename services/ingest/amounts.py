"""Measures and money as exact integers, so that sums do not depend on their order."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN

from msgspec import UnsetType

from shared.contracts.values import Money, SignedMoney

DIGITS = 4


def thousandths(value: float | UnsetType | None) -> int:
    """Return a measure in thousandths (a weight in kg becomes grams); 0 when absent."""
    return round(value * 1000) if value else 0


def money_units(money: Money | SignedMoney) -> int:
    """Return an amount in ten-thousandths of its currency."""
    amount = money.amount
    if isinstance(amount, str):
        # The usual "3150.00", without the detour over Decimal: 0.4 us instead of 2.
        whole, _, fraction = amount.partition(".")
        if whole.isdecimal() and len(fraction) <= DIGITS:
            return int(whole + fraction.ljust(DIGITS, "0"))
    return int((money.exact * 10**DIGITS).to_integral_value(ROUND_HALF_EVEN))
