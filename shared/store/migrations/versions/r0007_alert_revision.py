"""Count the commits that change what a list of alerts shows, by triggers that nobody can forget.

On SQLite a table that a later revision makes anew (`batch_alter_table`) loses its triggers: that
revision must make them again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
MIN_CODE_REVISION = "0004"

SLOTS = 64
WHOLE = ("alert", "alert_action", "playbook_run", "run_action")
"""Tables of which every write counts; of others only what these columns hold."""
SOME = {
    "account": ("kam_id",),
    "signals_progress": ("evaluated_day", "complete_as_of"),
}
NAME = "raise_alert_revision"

# Whoever writes takes a slot that nobody holds, so that no writer waits for another one, and holds
# it until its commit; once a transaction. The name of the transaction is kept where a rollback to
# a savepoint takes it back together with the slot. It counts with its owner's rights: the services'
# own roles have none on the count, and none of them may count otherwise.
_FUNCTION = f"""
CREATE FUNCTION {NAME}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  mine text := CAST(pg_current_xact_id() AS text);
BEGIN
  IF current_setting('leadline.alerts_raised_by', true) IS DISTINCT FROM mine THEN
    UPDATE alert_revision SET raised = raised + 1
      WHERE slot = (SELECT slot FROM alert_revision LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
      INSERT INTO alert_revision (slot, raised) VALUES ({SLOTS} + pg_backend_pid(), 1)
        ON CONFLICT (slot) DO UPDATE SET raised = alert_revision.raised + 1;
    END IF;
    PERFORM set_config('leadline.alerts_raised_by', mine, true);
  END IF;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    slots = op.create_table(
        "alert_revision",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("raised", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_alert_revision")),
    )
    postgresql = op.get_bind().dialect.name == "postgresql"
    op.bulk_insert(slots, [{"slot": at} for at in range(SLOTS if postgresql else 1)])
    if postgresql:
        op.execute(_FUNCTION)
    for statement in _postgresql() if postgresql else _sqlite():
        op.execute(statement)


def downgrade() -> None:
    """The counts go; code before this revision does not read them."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP FUNCTION {NAME} CASCADE")
    else:
        for table in (*WHOLE, *SOME):
            for event in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {NAME}_{table}_{event}")
    op.drop_table("alert_revision")


def _postgresql() -> list[str]:
    raised = f"EXECUTE FUNCTION {NAME}()"
    whole = [
        f"CREATE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} {raised}"
        for table in WHOLE
    ]
    some = [
        f"CREATE TRIGGER {NAME} AFTER UPDATE ON {table} FOR EACH ROW"
        f" WHEN ({_differs(names, 'IS DISTINCT FROM')}) {raised}"
        for table, names in SOME.items()
    ]
    rest = [
        f"CREATE TRIGGER {NAME}_rows AFTER INSERT OR DELETE ON {table} FOR EACH ROW {raised}"
        for table in SOME
    ]
    return whole + some + rest


def _sqlite() -> list[str]:
    found = []
    for table in (*WHOLE, *SOME):
        for event in ("insert", "update", "delete"):
            only = ""
            if table in SOME and event == "update":
                only = f" WHEN {_differs(SOME[table], 'IS NOT')}"
            found.append(
                f"CREATE TRIGGER {NAME}_{table}_{event} AFTER {event} ON {table}{only}"
                " BEGIN UPDATE alert_revision SET raised = raised + 1; END"
            )
    return found


def _differs(names: tuple[str, ...], operator: str) -> str:
    return " OR ".join(f"OLD.{name} {operator} NEW.{name}" for name in names)
