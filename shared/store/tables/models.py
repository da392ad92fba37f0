"""Fitted models, what they learned month by month, and how well they did. Written by signals."""

from __future__ import annotations

from sqlalchemy import BigInteger, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from shared.store.base import Base, instant, json, serial


class LossModelRow(Base):
    """A model fitted to this installation, never rewritten. Written by signals (`train`).

    In the database, so that every process finds it and a backup holds it. The shipped model is
    no row: it comes with the code.
    """

    __tablename__ = "loss_model"

    version: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)  # the artifact's own bytes
    digest: Mapped[str]  # SHA-256 of the body
    manifest: Mapped[json]  # features, data, measures, cuts, evidence weights
    card: Mapped[str]  # Markdown
    made_at: Mapped[instant]


class ModelRoleRow(Base):
    """A decision about a model: the latest row of a role is in force. Written by signals."""

    __tablename__ = "model_role"

    id: Mapped[serial]
    role: Mapped[str]  # champion, challenger
    version: Mapped[str]
    from_day: Mapped[int]  # first day of event time that it scores; days since 1970
    at: Mapped[instant]
    reason: Mapped[str]


class PopulationFitRow(Base):
    """What was fitted to the whole population before a month's first day. Written by signals.

    With the model's version it decides every score of that month. A function of the facts alone:
    kept so that not everybody makes it again, and so that late facts can be told.
    """

    __tablename__ = "population_fit"

    from_day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    made_at: Mapped[instant]
    fit: Mapped[json]  # drop-out parameters, market shift and the months behind it
    basis: Mapped[bytes] = mapped_column(LargeBinary)  # int64 account ids, uint64 marks of each


class LaneMarketRow(Base):
    """The lanes that fell for everybody as of a day of the wall clock. Written by signals.

    By the whole book: a look that sees a part of it cannot tell. A cache of the last weeks.
    """

    __tablename__ = "lane_market"

    day: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # since 1970
    fitted_at: Mapped[instant]  # when the population's fit was made beside which it was told
    lanes: Mapped[json]  # [[origin, destination, mode]]


class ShadowScoreRow(Base):
    """A challenger's risk of an account at a month start, never shown. Written by signals."""

    __tablename__ = "shadow_score"

    version: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    risk: Mapped[float]


class ModelReportRow(Base):
    """A measurement of the scores in use: drift, or champion beside challenger. Written by signals.

    One row per kind and day; `/metrics` shows the latest.
    """

    __tablename__ = "model_report"

    kind: Mapped[str] = mapped_column(primary_key=True)  # drift, shadow
    day: Mapped[int] = mapped_column(primary_key=True)
    made_at: Mapped[instant]
    report: Mapped[json]


class WarningOutcomeRow(Base):
    """How early an account that was lost or saved had been warned of. Written by signals.

    Days since 1970. `warned_day` is the start of the alert that was still open when the silence
    became obvious, null for missed; the same for alerts at random and by recency at an equal
    budget.
    """

    __tablename__ = "warning_outcome"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    episode: Mapped[str] = mapped_column(primary_key=True)  # lost/<last day>, saved/<alert id>
    outcome: Mapped[str] = mapped_column(index=True)  # lost, saved
    alert_id: Mapped[str | None]
    last_booking_day: Mapped[int]
    obvious_day: Mapped[int]  # lost: the silence became obvious; saved: the alert ended
    warned_day: Mapped[int | None]
    random_day: Mapped[int | None]
    recency_day: Mapped[int | None]
    noted_at: Mapped[instant]
