"""Create the tables of fitted models, their measurements and realised warnings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
MIN_CODE_REVISION = "0001"


def upgrade() -> None:
    op.create_table(
        "loss_model",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=False),
        sa.Column("card", sa.String(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_loss_model")),
    )
    op.create_table(
        "model_role",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("from_day", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model_role")),
    )
    op.create_table(
        "population_fit",
        sa.Column("from_day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("fit", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("from_day", name=op.f("pk_population_fit")),
    )
    op.create_table(
        "shadow_score",
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("risk", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("version", "day", "account_id", name=op.f("pk_shadow_score")),
    )
    op.create_table(
        "model_report",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "day", name=op.f("pk_model_report")),
    )
    op.create_table(
        "warning_outcome",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("episode", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("alert_id", sa.String(), nullable=True),
        sa.Column("last_booking_day", sa.Integer(), nullable=False),
        sa.Column("obvious_day", sa.Integer(), nullable=False),
        sa.Column("warned_day", sa.Integer(), nullable=True),
        sa.Column("random_day", sa.Integer(), nullable=True),
        sa.Column("recency_day", sa.Integer(), nullable=True),
        sa.Column("noted_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "episode", name=op.f("pk_warning_outcome")),
    )
    op.create_index(
        op.f("ix_warning_outcome_outcome"), "warning_outcome", ["outcome"], unique=False
    )


def downgrade() -> None:
    """Fitted models and measurements go; the shipped model scores, and they are made again."""
    for table in (
        "warning_outcome",
        "model_report",
        "shadow_score",
        "population_fit",
        "model_role",
        "loss_model",
    ):
        op.drop_table(table)
