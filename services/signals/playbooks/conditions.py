"""Conditions of playbooks in CEL, checked against everything that a condition may name."""

from __future__ import annotations

import re
from typing import Any

import cel

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Alert

NAMES = {
    "alert": ("type", "reason", "band", "risk_score", "list", "drivers", "scope"),
    "account": ("id", "tier", "top_tier", "status", "calendar"),
}
"""The variables of a condition, and their fields."""
EXAMPLE: dict[str, Any] = {
    "alert": {
        "type": "churn_risk",
        "reason": "churn_risk",
        "band": "high",
        "risk_score": 61.5,
        "list": "active_at_risk",
        "drivers": ["late"],
        "scope": "account",
    },
    "account": {
        "id": "ACC-1",
        "tier": "A",
        "top_tier": True,
        "status": "active",
        "calendar": "VN",
    },
}
"""A complete context: every rule is evaluated against it when the library is loaded."""


def context(alert: Alert, account: AccountView) -> dict[str, Any]:
    """Return what a condition may look at; missing texts are empty, missing numbers 0."""
    return {
        "alert": {
            "type": alert.type,
            "reason": alert.reason_code,
            "band": alert.band or "",
            "risk_score": float(alert.risk_score or 0.0),
            "list": alert.list or "",
            "drivers": list(alert.drivers),
            "scope": str(alert.scope.get("kind", "account")),
        },
        "account": {
            "id": account.account_id,
            "tier": account.tier or "",
            "top_tier": account.is_top_tier,
            "status": account.status or "",
            "calendar": account.calendar or "",
        },
    }


class Rule:
    """A compiled condition."""

    def __init__(self, source: str) -> None:
        """Compile `source`; raises ValueError that says what is wrong and what is allowed."""
        allowed = "; ".join(f"{name}.{{{', '.join(of)}}}" for name, of in NAMES.items())
        try:
            self._program = cel.compile(source)
            unknown = set(self._program.variables()) - NAMES.keys() - _bound(source)
        except (ValueError, TypeError) as error:
            raise ValueError(f"is no CEL expression: {_line(error)}") from error
        if unknown:
            raise ValueError(f"unknown variable {min(unknown)!r}, allowed: {allowed}")
        for name, fields in NAMES.items():
            strange = set(re.findall(rf"\b{name}\.(\w+)", source)) - set(fields)
            if strange:
                raise ValueError(f"unknown field {min(strange)!r} of {name}, allowed: {allowed}")
        for given in (EXAMPLE, _inverted(EXAMPLE)):
            try:
                answer = self._program.execute(given)
            except (KeyError, RuntimeError, TypeError, ValueError) as error:
                raise ValueError(f"cannot be evaluated: {_line(error)}") from error
            if not isinstance(answer, bool):
                raise ValueError(  # noqa: TRY004 - the file's value is wrong, not a type of ours
                    f"must be true or false, is {type(answer).__name__}"
                )

    def holds(self, given: dict[str, Any]) -> bool:
        """Return whether the condition holds in a context."""
        return bool(self._program.execute(given))


def _bound(source: str) -> set[str]:
    """Return the names that CEL's macros bind, as in `list.exists(x, x > 1)`."""
    return set(re.findall(r"\.(?:all|exists|exists_one|filter|map)\(\s*(\w+)\s*,", source))


def _inverted(example: dict[str, Any]) -> dict[str, Any]:
    """Return a context unlike the example, so that the other side of `||` and `&&` is tried."""
    flipped: dict[str, Any] = {}
    for name, fields in example.items():
        flipped[name] = {
            key: (not value if isinstance(value, bool) else type(value)())
            for key, value in fields.items()
        }
    return flipped


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]
