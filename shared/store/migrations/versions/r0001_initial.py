"""Create every table of the first release."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
MIN_CODE_REVISION = "0001"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("kam_id", sa.String(), nullable=True),
        sa.Column("kam_name", sa.String(), nullable=True),
        sa.Column("manager_id", sa.String(), nullable=True),
        sa.Column("manager_name", sa.String(), nullable=True),
        sa.Column("tier", sa.String(), nullable=True),
        sa.Column("segment", sa.String(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("annual_margin", sa.String(), nullable=True),
        sa.Column("renewal_date", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("calendar", sa.String(), nullable=True),
        sa.Column("parent", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("merged_into", sa.String(), nullable=True),
        sa.Column("team", sa.JSON(), nullable=True),
        sa.Column("sla", sa.JSON(), nullable=True),
        sa.Column("external_ids", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("account_id", name=op.f("uq_account_account_id")),
    )
    op.create_index(op.f("ix_account_kam_id"), "account", ["kam_id"], unique=False)
    op.create_table(
        "account_facts",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("events_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_event_at", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_facts")),
    )
    op.create_table(
        "account_score",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("scored_revision", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("base", sa.Double(), nullable=True),
        sa.Column("curve", sa.JSON(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("list", sa.String(), nullable=True),
        sa.Column("band_floor", sa.JSON(), nullable=True),
        sa.Column("thresholds", sa.JSON(), nullable=True),
        sa.Column("early_warning_months", sa.Integer(), nullable=True),
        sa.Column("coverage", sa.Double(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("lost", sa.Boolean(), nullable=False),
        sa.Column("last_booking_at", sa.BigInteger(), nullable=True),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("signal", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_account_score")),
    )
    op.create_index(op.f("ix_account_score_band"), "account_score", ["band"], unique=False)
    op.create_index(op.f("ix_account_score_due_at"), "account_score", ["due_at"], unique=False)
    op.create_table(
        "alert",
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("reason_code", sa.String(), nullable=False),
        sa.Column("reason_text", sa.String(), nullable=False),
        sa.Column("scope", sa.JSON(), nullable=False),
        sa.Column("scope_key", sa.String(), nullable=False),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("risk_score", sa.Double(), nullable=True),
        sa.Column("list", sa.String(), nullable=True),
        sa.Column("drivers", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=True),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("pending_since", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("recovering_since", sa.BigInteger(), nullable=True),
        sa.Column("resolved_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("suppressed_reason", sa.String(), nullable=True),
        sa.Column("deferred", sa.Boolean(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("notified_at", sa.BigInteger(), nullable=True),
        sa.Column("previous_alert_id", sa.String(), nullable=True),
        sa.Column("machine_version", sa.Integer(), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_account", "alert", ["account_id"], unique=False)
    op.create_index(op.f("ix_alert_owner_id"), "alert", ["owner_id"], unique=False)
    op.create_index(op.f("ix_alert_type"), "alert", ["type"], unique=False)
    op.create_table(
        "alert_action",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("alert_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_action")),
    )
    op.create_index("ix_alert_action_alert_id", "alert_action", ["alert_id"], unique=False)
    op.create_table(
        "alert_track",
        sa.Column("account_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_alert_track")),
    )
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("kam_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_key_token_hash")),
    )
    op.create_table(
        "booking_day",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("effect_day", sa.Integer(), nullable=False),
        sa.Column("demand", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("business", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("cancelled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rolled", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("delivered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("late", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("teu", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("volume", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("weight", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("trips", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("revenue", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("margin", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "event_id", sa.String(collation="C").with_variant(sa.String(), "sqlite"), nullable=False
        ),
        sa.PrimaryKeyConstraint(
            "account_id", "series_id", "day", "effect_day", name=op.f("pk_booking_day")
        ),
        postgresql_with={"fillfactor": 60},
        sqlite_with_rowid=False,
    )
    op.create_table(
        "breaker",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_breaker")),
    )
    op.create_table(
        "consumer_offset",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.Column("records_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("max_event_time", sa.BigInteger(), nullable=True),
        sa.Column("last_digest", sa.String(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "cluster_id", "topic", "partition", name=op.f("pk_consumer_offset")
        ),
    )
    op.create_table(
        "dead_letter",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("partition", sa.Integer(), nullable=True),
        sa.Column("offset", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("first_seen_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_tried_at", sa.BigInteger(), nullable=False),
        sa.Column("replayed_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("origin", name=op.f("uq_dead_letter_origin")),
    )
    op.create_index(op.f("ix_dead_letter_reason"), "dead_letter", ["reason"], unique=False)
    op.create_index(op.f("ix_dead_letter_topic"), "dead_letter", ["topic"], unique=False)
    op.create_table(
        "event",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("type_id", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("entity", sa.BigInteger(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=True),
        sa.Column("offset", sa.BigInteger(), nullable=True),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
    )
    op.create_index("ix_event_account_entity", "event", ["account_id", "entity"], unique=False)
    op.create_index("ix_event_ledger", "event", ["source_id", "event_id"], unique=True)
    op.create_table(
        "evidence",
        sa.Column(
            "seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_evidence")),
    )
    op.create_index("ix_evidence_account", "evidence", ["account_id", "kind", "time"], unique=False)
    op.create_table(
        "feed",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.SmallInteger(), nullable=False),
        sa.Column("streamed_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("imported_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("first_event_at", sa.BigInteger(), nullable=False),
        sa.Column("last_event_at", sa.BigInteger(), nullable=False),
        sa.Column("last_arrived_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("source_id", "type_id", name=op.f("pk_feed")),
    )
    op.create_table(
        "feed_account",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.SmallInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "type_id", "account_id", name=op.f("pk_feed_account")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feed_hour",
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("type_id", sa.SmallInteger(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("events", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("source_id", "type_id", "hour", name=op.f("pk_feed_hour")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request_digest", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name=op.f("pk_idempotency")),
    )
    op.create_table(
        "import_progress",
        sa.Column("file_digest", sa.String(), nullable=False),
        sa.Column("mapping", sa.String(), nullable=False),
        sa.Column("events_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("file_digest", "mapping", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "ingest_outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("dead_letter_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ingest_outbox")),
    )
    op.create_table(
        "partition_lag",
        sa.Column("cluster_id", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("end_offset", sa.BigInteger(), nullable=False),
        sa.Column("lag_seconds", sa.Double(), nullable=False),
        sa.Column("measured_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("cluster_id", "topic", "partition", name=op.f("pk_partition_lag")),
    )
    op.create_table(
        "playbook_run",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("playbook", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=True),
        sa.Column("trigger_key", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("first_action_due_at", sa.BigInteger(), nullable=False),
        sa.Column("machine_version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_playbook_run")),
        sa.UniqueConstraint("trigger_key", name=op.f("uq_playbook_run_trigger_key")),
    )
    op.create_index(
        op.f("ix_playbook_run_account_id"), "playbook_run", ["account_id"], unique=False
    )
    op.create_index(op.f("ix_playbook_run_alert_id"), "playbook_run", ["alert_id"], unique=False)
    op.create_index(op.f("ix_playbook_run_owner_id"), "playbook_run", ["owner_id"], unique=False)
    op.create_table(
        "run_action",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_action")),
    )
    op.create_index(op.f("ix_run_action_run_id"), "run_action", ["run_id"], unique=False)
    op.create_table(
        "series",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint(
            "source_id", "mode", "service", "origin", "destination", "currency", name="uq_series"
        ),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "signal",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=True),
        sa.Column("band", sa.String(), nullable=True),
        sa.Column("list", sa.String(), nullable=True),
        sa.Column("early_warning_months", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
    )
    op.create_index("ix_signal_account_as_of", "signal", ["account_id", "as_of"], unique=True)
    op.create_table(
        "signal_outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kam_id", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_outbox")),
        sa.UniqueConstraint("event_id", name=op.f("uq_signal_outbox_event_id")),
    )
    op.create_table(
        "signals_progress",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("evaluated_day", sa.Integer(), nullable=True),
        sa.Column("watermark", sa.BigInteger(), nullable=True),
        sa.Column("complete_as_of", sa.BigInteger(), nullable=True),
        sa.Column("actions_seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("run_actions_seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("model", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals_progress")),
    )
    op.create_table(
        "source",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("uri", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("uri", name=op.f("uq_source_uri")),
    )
    op.create_table(
        "stream_event",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stream_event")),
        sa.UniqueConstraint("event_id", name=op.f("uq_stream_event_event_id")),
    )
    op.create_table(
        "run_task",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.JSON(), nullable=False),
        sa.Column("text", sa.JSON(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("owner_id", sa.String(), nullable=False),
        sa.Column("owner_name", sa.String(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["playbook_run.run_id"], name=op.f("fk_run_task_run_id_playbook_run")
        ),
        sa.PrimaryKeyConstraint("run_id", "task_id", name=op.f("pk_run_task")),
    )
