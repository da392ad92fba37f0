"""Whose token it is: every listener looks keys up alike; only api writes them."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from shared.runtime.clock import Clock
from shared.store.session import Database
from shared.store.tables import ApiKeyRow

MAX_REMEMBERED = 100


class KeyHolder(NamedTuple):
    """Who holds a token that holds."""

    key_id: str
    role: str
    kam_id: str | None


def token_hash(token: str) -> bytes:
    """Return what is kept of a token: a SHA-256, since its secret has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def find_key(database: Database, token: str, now: datetime) -> KeyHolder | None:
    """Return who holds the token; None for an unknown, expired or revoked one."""
    with database.read() as connection:
        row = connection.execute(
            select(
                ApiKeyRow.key_id,
                ApiKeyRow.role,
                ApiKeyRow.kam_id,
                ApiKeyRow.expires_at,
                ApiKeyRow.revoked_at,
            ).where(ApiKeyRow.token_hash == token_hash(token))
        ).first()
    if row is None or row.revoked_at is not None:
        return None
    if row.expires_at is not None and row.expires_at <= now:
        return None
    return KeyHolder(row.key_id, row.role, row.kam_id)


class TokenRoles:
    """Says the role of a token, for `shared.runtime.health.HealthServer`.

    While the database is away, whoever was known before stays known: that is when metrics are
    needed most.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._known: dict[bytes, str] = {}

    def __call__(self, token: str) -> str | None:
        """Return the role; None for a token that does not hold, or cannot be looked up."""
        digest = token_hash(token)
        try:
            holder = find_key(self._database, token, self._clock.now())
        except SQLAlchemyError:
            return self._known.get(digest)
        if holder is None:
            self._known.pop(digest, None)
            return None
        if len(self._known) >= MAX_REMEMBERED:
            self._known.clear()
        self._known[digest] = holder.role
        return holder.role
