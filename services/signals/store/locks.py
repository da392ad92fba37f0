"""Who may evaluate, and who may relay: one process at a time."""

from __future__ import annotations

from sqlalchemy import Connection, text

from shared.store.stalled import end_stalled

EVALUATION, RELAY = 4_207_003, 4_207_004


def try_lock(connection: Connection, lock: int) -> bool:
    """Hold a lock until the transaction ends; False when another process has it.

    One that is frozen loses it. On SQLite there is one writer anyway.
    """
    if connection.dialect.name == "sqlite":
        return True
    statement = text("SELECT pg_try_advisory_xact_lock(:lock)")
    held = bool(connection.execute(statement, {"lock": lock}).scalar())
    if not held:
        end_stalled(connection)
    return held


def notify(connection: Connection, channel: str) -> None:
    """Tell other processes, once this transaction commits."""
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_notify(:channel, '')"), {"channel": channel})
