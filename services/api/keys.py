"""API keys: `ll_<key id>_<random>`, shown once, kept as a SHA-256.

A slow hash would buy nothing: the secret has 256 random bits.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import insert, or_, select, update

from services.api.principal import ROLES, Principal
from shared.domain.texts import is_blank
from shared.runtime.clock import Clock
from shared.store.keys import find_key, token_hash
from shared.store.session import Database
from shared.store.tables import ApiKeyRow


class NewKey(NamedTuple):
    """A key just made; the token is not kept anywhere."""

    key_id: str
    token: str
    expires_at: datetime


class Key(NamedTuple):
    """A key as listed."""

    key_id: str
    role: str
    kam_id: str | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


def create_key(
    database: Database,
    clock: Clock,
    *,
    role: str,
    kam: str | None = None,
    days: int = 365,
) -> NewKey:
    """Make a key and return its token; raise ValueError for what makes no sense."""
    if role not in ROLES:
        raise ValueError(f"role {role!r}: allowed are {', '.join(ROLES)}")
    if (role == "kam") == is_blank(kam or ""):
        raise ValueError("a key of role kam needs a KAM id, and no other role takes one")
    if days < 1:
        raise ValueError("a key must live for at least one day")
    key_id, now = secrets.token_hex(4), clock.now()
    token = f"ll_{key_id}_{secrets.token_urlsafe(32)}"
    expires = now + timedelta(days=days)
    with database.write() as connection:
        connection.execute(
            insert(ApiKeyRow).values(
                key_id=key_id,
                token_hash=token_hash(token),
                role=role,
                kam_id=kam or None,
                created_at=now,
                expires_at=expires,
            )
        )
    return NewKey(key_id, token, expires)


def list_keys(database: Database) -> list[Key]:
    """Return every key, oldest first."""
    columns = [getattr(ApiKeyRow, name) for name in Key._fields]
    with database.read() as connection:
        rows = connection.execute(select(*columns).order_by(ApiKeyRow.created_at, ApiKeyRow.key_id))
        return [Key(*row) for row in rows]


def revoke_key(database: Database, clock: Clock, key_id: str) -> bool:
    """End a key; return whether there was one that still held."""
    with database.write() as connection:
        ended = connection.execute(
            update(ApiKeyRow)
            .where(ApiKeyRow.key_id == key_id, ApiKeyRow.revoked_at.is_(None))
            .values(revoked_at=clock.now())
        )
    return ended.rowcount > 0


def find_principal(database: Database, token: str, now: datetime) -> Principal | None:
    """Return who holds the token; None for an unknown, expired or revoked one."""
    holder = find_key(database, token, now)
    role = next((role for role in ROLES if holder and role == holder.role), None)
    return Principal(holder.key_id, role, holder.kam_id) if holder and role else None


def note_use(database: Database, key_id: str, now: datetime, every: timedelta) -> bool:
    """Keep when a key was last used, unless that was noted within `every`; return whether."""
    stale = or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= now - every)
    with database.write() as connection:
        noted = connection.execute(
            update(ApiKeyRow).where(ApiKeyRow.key_id == key_id, stale).values(last_used_at=now)
        )
    return noted.rowcount > 0
