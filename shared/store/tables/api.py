"""What people do through the api, and who they are. Written by api."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from shared.store.base import Base, instant, json, serial


class AlertActionRow(Base):
    """What a person did on an alert: acknowledge, snooze, resolve. Written by api."""

    __tablename__ = "alert_action"
    __table_args__ = (Index("ix_alert_action_alert_id", "alert_id"),)

    id: Mapped[serial]
    alert_id: Mapped[str]
    kind: Mapped[str]  # acknowledge, snooze, resolve
    actor: Mapped[str]
    at: Mapped[instant]
    until: Mapped[instant | None]
    reason: Mapped[str | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]


class ApiKeyRow(Base):
    """A token's hash, role and end. Written by api (the key commands)."""

    __tablename__ = "api_key"

    key_id: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # SHA-256
    role: Mapped[str]
    kam_id: Mapped[str | None]
    created_at: Mapped[instant]
    expires_at: Mapped[instant | None]
    revoked_at: Mapped[instant | None]
    last_used_at: Mapped[instant | None]


class IdempotencyRow(Base):
    """The answer given to an `Idempotency-Key`, to give again. Written by api."""

    __tablename__ = "idempotency"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_digest: Mapped[str]
    status: Mapped[int]
    headers: Mapped[json]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[instant]
