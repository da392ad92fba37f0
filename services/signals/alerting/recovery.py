"""How an alert ends by itself."""

from __future__ import annotations

from msgspec.structs import replace

from services.signals.alerting.alert import Alert, Entry
from services.signals.alerting.findings import Finding

RECOVERING_DAYS = 7
DATED = frozenset({"renewal"})
"""Types that end with their date, or with another one: nothing had to recover."""


def is_neglected(entry: Entry, now: int) -> bool:
    """Return whether the alert has expired: from then on nothing else ends it by itself."""
    expires = entry.alert.expires_at
    waits = entry.phase == "open" and not entry.attended
    return waits and expires is not None and now >= expires


def recovered_alone(entry: Entry, now: int) -> Entry:
    """Return the entry of an alert that ends by itself."""
    explained = entry.phase == "suppressed" or entry.alert.type in DATED
    return resolved(entry, now, outcome="explained_change" if explained else "recovered_alone")


def resolved(entry: Entry, now: int, **fields: object) -> Entry:
    """Return the entry of an alert that the machine resolves; with these fields of the alert."""
    alert = replace(
        entry.alert,
        resolved_at=now,
        machine_version=entry.alert.machine_version + 1,
        updated_at=now,
        **fields,
    )
    return replace(entry, alert=alert, phase="resolved", ended=now, count=0)


def rests_on(entry: Entry | None, finding: Finding) -> bool:
    """Return whether the alert was told of the event that began the finding's condition."""
    return entry is not None and set(finding.events[:1]) <= set(entry.alert.evidence)


def appended(alert: Alert, finding: Finding) -> tuple[tuple[str, str], ...]:
    """Return the alert's evidence with those events of the finding that it has not."""
    known = {tuple(one) for one in alert.evidence}
    return alert.evidence + tuple(one for one in finding.events if tuple(one) not in known)
