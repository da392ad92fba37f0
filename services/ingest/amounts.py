"""Measures and money as exact integers, so that sums do not depend on their order."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN

from shared.contracts.values import Money, SignedMoney

DIGITS = 4


def money_units(money: Money | SignedMoney) -> int:
    """Return an amount in ten-thousandths of its currency."""
    amount = money.amount
    if isinstance(amount, str):
        if amount[-3:-2] == ".":  # "3150.00", as nearly all are; the type's pattern left digits
            return int(amount[:-3] + amount[-2:]) * 100
        # The rest of the usual, without the detour over Decimal: 0.4 us instead of 2.
        whole, _, fraction = amount.partition(".")
        if whole.isdecimal() and len(fraction) <= DIGITS:
            return int(whole + fraction.ljust(DIGITS, "0"))
    return int((money.exact * 10**DIGITS).to_integral_value(ROUND_HALF_EVEN))
