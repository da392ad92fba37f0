"""Who is asking, and what a role may do: one table over all operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shared.runtime.health import WATCHERS

Role = Literal["admin", "manager", "kam", "viewer", "service"]
ROLES: tuple[Role, ...] = ("admin", "manager", "kam", "viewer", "service")


@dataclass(frozen=True, slots=True)
class Principal:
    """The holder of a key."""

    key_id: str
    role: Role
    kam_id: str | None = None

    @property
    def actor(self) -> str:
        """Return the name under which acts are kept."""
        return self.kam_id or self.key_id

    @property
    def own_only(self) -> str | None:
        """Return the KAM whose accounts alone are visible; None for all accounts."""
        return (self.kam_id or "") if self.role == "kam" else None

    @property
    def operates(self) -> bool:
        """Return whether the page may speak of commands and settings: others can run neither."""
        return self.role == "admin"


Policy = frozenset[str]
PUBLIC: Policy = frozenset()
"""Needs no token."""
ADMIN: Policy = frozenset({"admin"})
WATCH: Policy = WATCHERS
"""Metrics; open when the listener is bound to loopback."""
PRODUCE: Policy = frozenset({"admin", "service"})
READ: Policy = frozenset({"admin", "manager", "kam", "viewer"})
ACT: Policy = frozenset({"admin", "manager", "kam"})

POLICIES: dict[tuple[str, str], Policy] = {
    ("POST", "/v1/events"): PRODUCE,
    ("GET", "/v1/status"): frozenset(ROLES),
    ("GET", "/v1/sources"): frozenset({"admin", "manager", "viewer", "service"}),
    ("GET", "/v1/accounts"): READ,
    ("GET", "/v1/accounts/{account_id}"): READ,
    ("GET", "/v1/accounts/{account_id}/timeline"): READ,
    ("GET", "/v1/accounts/{account_id}/signals"): READ,
    ("GET", "/v1/margin-at-risk"): READ,
    ("GET", "/v1/alerts"): READ,
    ("GET", "/v1/alerts/{alert_id}"): READ,
    ("POST", "/v1/alerts/{alert_id}/acknowledge"): ACT,
    ("POST", "/v1/alerts/{alert_id}/snooze"): ACT,
    ("POST", "/v1/alerts/{alert_id}/resolve"): ACT,
    ("GET", "/v1/warning-performance"): READ,
    ("GET", "/v1/playbooks"): READ,
    ("GET", "/v1/playbook-runs"): READ,
    ("GET", "/v1/playbook-runs/{run_id}"): READ,
    ("POST", "/v1/playbook-runs"): ACT,
    ("POST", "/v1/playbook-runs/{run_id}/tasks/{task_id}/complete"): ACT,
    ("POST", "/v1/playbook-runs/{run_id}/close"): ACT,
    ("GET", "/v1/dead-letters"): frozenset({"admin", "manager"}),
    ("GET", "/v1/dead-letters/{dead_letter_id}"): frozenset({"admin", "manager"}),
    ("POST", "/v1/dead-letters/{dead_letter_id}/replay"): ADMIN,
    ("POST", "/v1/dead-letters/{dead_letter_id}/discard"): ADMIN,
    ("GET", "/v1/stream"): READ,
    ("GET", "/metrics"): WATCH,
    ("GET", "/metrics/accounts"): WATCH,
    ("GET", "/livez"): PUBLIC,
    ("GET", "/readyz"): PUBLIC,
    ("GET", "/openapi.json"): PUBLIC,
    ("GET", "/docs"): PUBLIC,
    ("GET", "/static/{name}"): PUBLIC,
    ("GET", "/sign-in"): PUBLIC,
    ("POST", "/sign-in"): PUBLIC,
    ("GET", "/sign-out"): PUBLIC,
    ("GET", "/"): READ,
    ("GET", "/accounts"): READ,
    ("GET", "/accounts/{account_id}"): READ,
    ("POST", "/alerts/{alert_id}/acknowledge"): ACT,
    ("POST", "/alerts/{alert_id}/snooze"): ACT,
    ("POST", "/alerts/{alert_id}/resolve"): ACT,
    ("POST", "/alerts/{alert_id}/start"): ACT,
    ("POST", "/playbook-runs/{run_id}/tasks/{task_id}/complete"): ACT,
    ("POST", "/playbook-runs/{run_id}/close"): ACT,
}
