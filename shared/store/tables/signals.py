"""Scores, alerts and playbook runs. Written by signals."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from shared.store.base import Base, big, big_count, instant, json, serial


class AccountScoreRow(Base):
    """The current score of an account. Written by signals."""

    __tablename__ = "account_score"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scored_revision: Mapped[big]  # of account_facts, as read for this score
    due_at: Mapped[instant | None] = mapped_column(index=True)  # wall clock: next daily look
    as_of: Mapped[instant]
    state: Mapped[str]  # no_data, insufficient_data, lost, scored
    risk: Mapped[float | None]
    base: Mapped[float | None]
    curve: Mapped[json | None]
    band: Mapped[str | None] = mapped_column(index=True)
    list: Mapped[str | None]
    band_floor: Mapped[json | None]  # {"code", "event_ids"}
    thresholds: Mapped[json | None]  # {"watch", "high", "critical"} in points
    early_warning_months: Mapped[int | None]
    coverage: Mapped[float]
    reasons: Mapped[json]  # [{"code", "contribution", "text", "event_ids"}]
    lost: Mapped[bool]
    last_booking_at: Mapped[instant | None]
    model_version: Mapped[str]
    signal: Mapped[json | None]  # what the last stored signal said: band, list, early warning, risk


class SignalRow(Base):
    """One score worth telling: a change, or the start of a month. Written by signals."""

    __tablename__ = "signal"
    __table_args__ = (Index("ix_signal_account_as_of", "account_id", "as_of", unique=True),)

    id: Mapped[serial]
    account_id: Mapped[big]
    as_of: Mapped[instant]
    risk: Mapped[float | None]
    band: Mapped[str | None]
    list: Mapped[str | None]
    early_warning_months: Mapped[int | None]
    state: Mapped[str]
    model_version: Mapped[str]
    detail: Mapped[json]  # the event's data: curve, base, reasons, coverage ...


class AlertRevisionRow(Base):
    """How many transactions changed what lists of alerts show: the sum over the rows.

    Written by triggers (revision 0007), each time by one whose row nobody else holds: so the sum of
    what is committed rises with every such commit, in whatever order they end.
    """

    __tablename__ = "alert_revision"

    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    raised: Mapped[big_count]


class AlertTrackRow(Base):
    """Memory of the alert fold of one account: counts and marks. Written by signals."""

    __tablename__ = "alert_track"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    state: Mapped[json]


class AlertRow(Base):
    """What the machine says of an alert; people's acts are `alert_action`. Written by signals.

    The state is derived (`shared.domain.alerts`), never stored.
    """

    __tablename__ = "alert"
    __table_args__ = (
        Index("ix_alert_account", "account_id"),
        # Most alerts are over; lists and pages ask for the others.
        Index(
            "ix_alert_ongoing", "alert_id",
            postgresql_where=text("resolved_at IS NULL"), sqlite_where=text("resolved_at IS NULL"),
        ),
    )  # fmt: skip

    alert_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[big]
    type: Mapped[str] = mapped_column(index=True)
    reason_code: Mapped[str]
    reason_text: Mapped[str]
    scope: Mapped[json]  # {"kind": "account"} or {"kind": "lane", ...}
    scope_key: Mapped[str]
    band: Mapped[str | None]
    risk_score: Mapped[float | None]
    list: Mapped[str | None]
    drivers: Mapped[json]
    evidence: Mapped[json]  # [{"source", "id"}], ids of the events behind it
    owner_id: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str | None]
    playbook: Mapped[str]
    due_at: Mapped[instant]
    pending_since: Mapped[instant]
    opened_at: Mapped[instant | None]  # pending while null
    recovering_since: Mapped[instant | None]
    resolved_at: Mapped[instant | None]  # by the machine
    outcome: Mapped[str | None]  # of the machine's resolution
    past_ends: Mapped[json] = mapped_column(JSON, server_default="[]")
    """Ends that were taken back, oldest first: [{"at", "outcome", "because", "back_at"}]."""
    suppressed_reason: Mapped[str | None]  # muted: season, no_data, hold, project_end ...
    deferred: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[instant | None]
    notified_at: Mapped[instant | None]
    previous_alert_id: Mapped[str | None]
    machine_version: Mapped[int] = mapped_column(default=1)
    published_version: Mapped[int] = mapped_column(default=0)  # last one put in the outbox
    updated_at: Mapped[instant]


class PlaybookRunRow(Base):
    """A playbook at work on an account; keeps its own version. Written by signals."""

    __tablename__ = "playbook_run"

    run_id: Mapped[str] = mapped_column(primary_key=True)
    playbook: Mapped[str]
    version: Mapped[int]
    title: Mapped[json]  # by language
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    alert_id: Mapped[str | None] = mapped_column(index=True)
    trigger_key: Mapped[str] = mapped_column(unique=True)  # triggering twice changes nothing
    owner_id: Mapped[str] = mapped_column(index=True)
    owner_name: Mapped[str | None]
    started_at: Mapped[instant]
    first_action_due_at: Mapped[instant]
    machine_version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[instant]


class RunTaskRow(Base):
    """One step of a run, with owner and due date. Written by signals."""

    __tablename__ = "run_task"

    run_id: Mapped[str] = mapped_column(ForeignKey("playbook_run.run_id"), primary_key=True)
    task_id: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    kind: Mapped[str]
    title: Mapped[json]  # by language
    text: Mapped[json | None]  # draft message by language
    role: Mapped[str]
    owner_id: Mapped[str]
    owner_name: Mapped[str | None]
    due_at: Mapped[instant]


class RunActionRow(Base):
    """What a person did on a run: started it, completed a task, closed it. Written by signals."""

    __tablename__ = "run_action"

    id: Mapped[serial]
    run_id: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]  # start (by hand), complete_task, close
    task_id: Mapped[str | None]
    outcome: Mapped[str | None]
    note: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[instant]


class SignalOutboxRow(Base):
    """An outbound event waiting for the relay, in order per account. Written by signals.

    `body` is published as it stands, so that every delivery is byte-identical.
    """

    __tablename__ = "signal_outbox"

    id: Mapped[serial]
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # signal, alert, run
    topic: Mapped[str]
    key: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    kam_id: Mapped[str | None]
    created_at: Mapped[instant]


class StreamEventRow(Base):
    """A published event with the id that SSE resumes from. Written by signals (the relay)."""

    __tablename__ = "stream_event"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    key: Mapped[str]  # external account id
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[instant]


class SignalsProgressRow(Base):
    """How far evaluation has come; one row. Written by signals."""

    __tablename__ = "signals_progress"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # always 1
    evaluated_day: Mapped[int | None]  # days since 1970, of the last daily evaluation
    watermark: Mapped[instant | None]
    complete_as_of: Mapped[instant | None]  # end of input: all accounts scored as of this
    actions_seen: Mapped[big_count]  # id of the last alert_action that was published
    run_actions_seen: Mapped[big_count]


class SettingRow(Base):
    """A switch that outlives processes, such as `notify`. Written by the commands."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[json]
