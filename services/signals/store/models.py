"""Fitted models, which of them is in force on which day, and the fits to the population."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from services.signals.hazard.blend import LossBlend
from services.signals.hazard.interface import LossModel
from services.signals.hazard.model import SHIPPED_VERSION, default_model
from shared.store.tables import LossModelRow, ModelRoleRow

CHAMPION, CHALLENGER = "champion", "challenger"
EVER = 1 << 30
"""A day after all days."""


class Role(NamedTuple):
    """A decision: this version has the role from a day on."""

    version: str
    from_day: int
    at: datetime
    reason: str


class Champions:
    """The champions of a process, read once each; which one reigns is asked every time."""

    def __init__(self) -> None:
        self._models: dict[str, LossModel] = {}

    def of(self, connection: Connection, day: int) -> LossModel | None:
        """Return the champion that scores `day`; None while the shipped model does."""
        role = role_on(connection, CHAMPION, day)
        if role is None:
            return None
        if role.version not in self._models:
            found = read_model(connection, role.version)
            if found is None:
                return None
            self._models[role.version] = found
        return self._models[role.version]

    def until(self, connection: Connection, day: int) -> int:
        """Return the last day before another champion follows."""
        later = [one.from_day for one in roles(connection, CHAMPION) if one.from_day > day]
        return min(later, default=EVER) - 1


def roles(connection: Connection, role: str) -> list[Role]:
    """Return every decision about a role, oldest first."""
    table = ModelRoleRow
    rows = connection.execute(
        select(table.version, table.from_day, table.at, table.reason)
        .where(table.role == role)
        .order_by(table.id)
    )
    return [Role(*row) for row in rows]


def role_on(connection: Connection, role: str, day: int) -> Role | None:
    """Return the last decision that counts on `day`."""
    return next((one for one in reversed(roles(connection, role)) if one.from_day <= day), None)


def last_holders(connection: Connection, role: str, day: int, count: int) -> list[str]:
    """Return the versions that had a role by `day`, the latest `count` of them, newest first."""
    held = [one.version for one in reversed(roles(connection, role)) if one.from_day <= day]
    return list(dict.fromkeys(held))[:count]


def give_role(connection: Connection, role: str, decided: Role) -> None:
    """Add a decision."""
    connection.execute(insert(ModelRoleRow).values(role=role, **decided._asdict()))


def add_model(connection: Connection, row: Mapping[str, Any]) -> None:
    """Store a fitted model; one of that version is never rewritten."""
    connection.execute(insert(LossModelRow).values(**row))


def versions(connection: Connection) -> list[str]:
    """Return the versions of the stored models, oldest first."""
    return list(connection.scalars(select(LossModelRow.version).order_by(LossModelRow.made_at)))


def read_model(connection: Connection, version: str) -> LossModel | None:
    """Return a stored model, or the shipped one; None where there is none of that version."""
    if version == SHIPPED_VERSION:
        return default_model()
    body = connection.scalar(select(LossModelRow.body).where(LossModelRow.version == version))
    return None if body is None else model_from(body)


def model_bytes(model: LossModel) -> bytes:
    """Return a model as it is stored."""
    with TemporaryDirectory(prefix="leadline-") as folder:
        path = Path(folder) / "model.json"
        model.save(path)
        return path.read_bytes()


def model_from(body: bytes) -> LossModel:
    """Return the model of these bytes; raise `ArtifactError` when they are none."""
    with TemporaryDirectory(prefix="leadline-") as folder:
        path = Path(folder) / "model.json"
        path.write_bytes(body)
        return LossBlend.load(path)
