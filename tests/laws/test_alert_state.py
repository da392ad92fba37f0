"""The table of alert states says the same in Python and in SQL."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from shared.domain.alerts import AlertTimes, alert_state, case_sql, state_sql

NOW = 1_000
moments = st.none() | st.integers(min_value=NOW - 3, max_value=NOW + 3)
rows = st.builds(
    AlertTimes,
    opened_at=moments,
    resolved_at=moments,
    suppressed_reason=st.none() | st.sampled_from(["season", "hold", ""]),
    expires_at=moments,
    acknowledged_at=moments,
    snoozed_at=moments,
    snoozed_until=moments,
    closed_at=moments,
    worked_at=moments,
)


@given(rows)
def test_the_table_reads_the_same_as_python_and_as_sql(row):
    with sqlite3.connect(":memory:") as database:
        columns = ", ".join(f":{name} AS {name}" for name in AlertTimes._fields)
        case = case_sql({name: name for name in AlertTimes._fields}, ":now")
        values = {**row._asdict(), "now": NOW}
        (state,) = database.execute(f"SELECT {case} FROM (SELECT {columns})", values).fetchone()
    database.close()
    assert state == alert_state(row, NOW)


@given(rows, st.sampled_from(["acknowledged_at", "snoozed_at", "worked_at"]))
def test_only_what_was_done_before_its_expiry_keeps_an_alert_from_expiring(row, act):
    unattended = row._replace(
        opened_at=NOW - 9, resolved_at=None, closed_at=None, suppressed_reason=None,
        expires_at=NOW - 2, acknowledged_at=None, snoozed_at=None, worked_at=None,
    )  # fmt: skip
    for at in (NOW - 2, NOW - 1, NOW):
        assert alert_state(unattended._replace(**{act: at}), NOW) == "expired"
    assert alert_state(unattended._replace(**{act: NOW - 3}), NOW) != "expired"


acts = st.lists(
    st.tuples(
        st.sampled_from(["acknowledge", "snooze", "resolve"]),
        st.integers(min_value=NOW - 9, max_value=NOW),
        st.integers(min_value=NOW - 3, max_value=NOW + 3),
    ),
    max_size=4,
)


@given(rows, acts, st.none() | st.integers(min_value=NOW - 9, max_value=NOW))
def test_the_tables_of_the_store_give_the_state_that_the_times_give(row, done, worked):
    quiet = [until if kind == "snooze" else None for kind, _, until in done if kind != "resolve"]
    expected = row._replace(
        acknowledged_at=min((at for kind, at, _ in done if kind == "acknowledge"), default=None),
        closed_at=min((at for kind, at, _ in done if kind == "resolve"), default=None),
        snoozed_at=min((at for kind, at, _ in done if kind == "snooze"), default=None),
        snoozed_until=quiet[-1] if quiet else None,
        worked_at=worked,
    )
    database = _store(row, done, worked)
    (state,) = database.execute(f"SELECT {state_sql('a')} FROM alert a", {"now": NOW}).fetchone()
    database.close()
    assert state == alert_state(expected, NOW)


def _store(row, done, worked):
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE alert (alert_id, opened_at, resolved_at, suppressed_reason, expires_at);"
        "CREATE TABLE alert_action (id INTEGER PRIMARY KEY, alert_id, kind, at, until);"
        "CREATE TABLE playbook_run (run_id, alert_id); CREATE TABLE run_action (run_id, actor, at);"
        "INSERT INTO playbook_run VALUES ('r', 'x'), ('other', 'y');"
        "INSERT INTO run_action VALUES ('other', 'an', 1), ('r', 'leadline', 0);"
    )
    own = ("x", row.opened_at, row.resolved_at, row.suppressed_reason, row.expires_at)
    database.execute("INSERT INTO alert VALUES (?, ?, ?, ?, ?)", own)
    for kind, at, until in done:
        act = ("x", kind, at, until if kind == "snooze" else None)
        database.execute("INSERT INTO alert_action VALUES (NULL, ?, ?, ?, ?)", act)
    if worked is not None:
        database.execute("INSERT INTO run_action VALUES ('r', 'an', ?)", (worked,))
    return database
