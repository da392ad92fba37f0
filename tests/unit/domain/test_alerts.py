"""Each rule of an alert's state by examples; and no rule can be changed without one of them."""

import sqlite3

import pytest

from shared.domain import alerts
from shared.domain.alerts import (
    STATES,
    STATES_BY_TIME,
    AlertTimes,
    Condition,
    alert_state,
    case_sql,
    closed_because,
    state_sql,
    told_sql,
)

NOW = 1_000
OPEN = AlertTimes(opened_at=900, expires_at=NOW + 100)
EXPIRED = OPEN._replace(expires_at=NOW)

EXAMPLES = [
    (AlertTimes(), "pending"),
    (AlertTimes(expires_at=900, acknowledged_at=1, snoozed_until=NOW + 1, worked_at=1), "pending"),
    (EXPIRED._replace(opened_at=None), "pending"),
    (AlertTimes(suppressed_reason="season"), "suppressed"),
    (AlertTimes(suppressed_reason=""), "suppressed"),
    (AlertTimes(resolved_at=950, suppressed_reason="season"), "resolved"),
    (AlertTimes(closed_at=950, suppressed_reason="season"), "resolved"),
    (OPEN._replace(closed_at=NOW + 1), "resolved"),
    (OPEN._replace(closed_at=NOW - 1), "resolved"),
    (OPEN._replace(resolved_at=NOW + 1), "resolved"),
    (OPEN._replace(worked_at=NOW + 1), "in_progress"),
    (OPEN._replace(acknowledged_at=NOW + 1), "acknowledged"),
    (AlertTimes(opened_at=NOW - 1, acknowledged_at=NOW - 2), "acknowledged"),
    (AlertTimes(opened_at=NOW - 1, worked_at=NOW - 2), "in_progress"),
    (AlertTimes(opened_at=NOW - 1, closed_at=NOW - 2), "resolved"),
    (AlertTimes(opened_at=NOW + 1), "open"),
    (AlertTimes(opened_at=900), "open"),
    (OPEN, "open"),
    (OPEN._replace(expires_at=NOW + 1), "open"),
    (EXPIRED, "expired"),
    (OPEN._replace(expires_at=NOW - 1), "expired"),
    (EXPIRED._replace(resolved_at=NOW - 1), "resolved"),
    (EXPIRED._replace(closed_at=NOW - 1), "resolved"),
    (EXPIRED._replace(suppressed_reason="hold"), "suppressed"),
    (EXPIRED._replace(acknowledged_at=NOW - 1), "acknowledged"),
    (EXPIRED._replace(acknowledged_at=NOW), "expired"),
    (EXPIRED._replace(snoozed_at=NOW - 1), "open"),
    (EXPIRED._replace(snoozed_at=NOW), "expired"),
    (EXPIRED._replace(snoozed_at=NOW, snoozed_until=NOW + 5), "expired"),
    (EXPIRED._replace(snoozed_at=NOW - 1, snoozed_until=NOW + 5), "snoozed"),
    (EXPIRED._replace(worked_at=NOW - 1), "in_progress"),
    (EXPIRED._replace(worked_at=NOW), "expired"),
    (OPEN._replace(snoozed_at=950, snoozed_until=NOW + 1), "snoozed"),
    (OPEN._replace(snoozed_at=950, snoozed_until=NOW), "open"),
    (OPEN._replace(snoozed_at=950, snoozed_until=NOW + 1, worked_at=960), "snoozed"),
    (OPEN._replace(snoozed_until=NOW + 1, acknowledged_at=960), "snoozed"),
    (OPEN._replace(worked_at=960), "in_progress"),
    (OPEN._replace(worked_at=960, acknowledged_at=940), "in_progress"),
    (OPEN._replace(acknowledged_at=940), "acknowledged"),
    (OPEN._replace(acknowledged_at=940, resolved_at=950), "resolved"),
]


def in_sql(times):
    columns = ", ".join(f":{name} AS {name}" for name in AlertTimes._fields)
    case = case_sql({name: name for name in AlertTimes._fields}, ":now")
    database = sqlite3.connect(":memory:")
    (state,) = database.execute(
        f"SELECT {case} FROM (SELECT {columns})", {**times._asdict(), "now": NOW}
    ).fetchone()
    database.close()
    return state


@pytest.mark.parametrize(("times", "state"), EXAMPLES)
def test_the_state_of_an_alert_follows_from_its_times_in_python_and_in_sql(times, state):
    assert alert_state(times, NOW) == state
    assert in_sql(times) == state


def changed_tables():
    """Every table that differs from ours by one change that means something."""
    rules = alerts.RULES
    for at, (state, conditions) in enumerate(rules):
        yield f"without rule {at}", rules[:at] + rules[at + 1 :]
        for other in {name for name, _ in rules} - {state}:
            yield f"rule {at} says {other}", replaced(rules, at, (other, conditions))
        for number, one in enumerate(conditions):
            fewer = conditions[:number] + conditions[number + 1 :]
            yield f"rule {at} without {one.field}", replaced(rules, at, (state, fewer))
            for test in {"set", "unset", "past", "ahead", "late"} - {one.test}:
                other = replaced(conditions, number, one._replace(test=test))
                yield f"rule {at}: {one.field} {test}", replaced(rules, at, (state, other))
            for field in set(AlertTimes._fields) - {one.field}:
                other = replaced(conditions, number, one._replace(field=field))
                yield f"rule {at}: {field} for {one.field}", replaced(rules, at, (state, other))
        if at and rules[at - 1][0] != state:
            swapped = (*rules[: at - 1], rules[at], rules[at - 1], *rules[at + 1 :])
            yield f"rule {at} before {at - 1}", swapped


def replaced(items, at, item):
    return (*items[:at], item, *items[at + 1 :])


def test_no_rule_can_be_changed_without_an_example_that_shows_it(monkeypatch):
    unseen = []
    for what, rules in changed_tables():
        monkeypatch.setattr(alerts, "RULES", rules)
        if all(alert_state(times, NOW) == state for times, state in EXAMPLES):
            unseen.append(what)

    assert unseen == []


def test_a_condition_compares_with_the_expiry_unless_it_names_another_field():
    assert Condition("late", "worked_at").limit == "expires_at"


def store(**row):
    database = sqlite3.connect(":memory:")
    database.executescript(
        "CREATE TABLE alert (alert_id, opened_at, resolved_at, suppressed_reason, expires_at);"
        "CREATE TABLE alert_action (id INTEGER PRIMARY KEY, alert_id, kind, at, until);"
        "CREATE TABLE playbook_run (run_id, alert_id);"
        "CREATE TABLE run_action (run_id, actor, at);"
        "INSERT INTO playbook_run VALUES ('r', 'x'), ('other', 'y');"
        "INSERT INTO alert_action VALUES (1, 'y', 'resolve', 1, NULL);"
        "INSERT INTO run_action VALUES ('other', 'an', 1), ('r', 'leadline', 1);"
    )
    values = {"opened_at": 900, "resolved_at": None, "suppressed_reason": None,
              "expires_at": NOW, **row}  # fmt: skip
    database.execute(
        "INSERT INTO alert VALUES"
        " ('x', :opened_at, :resolved_at, :suppressed_reason, :expires_at)", values
    )  # fmt: skip
    return database


def act(database, kind, at, until=None):
    database.execute("INSERT INTO alert_action VALUES (NULL, 'x', ?, ?, ?)", (kind, at, until))


def stored_state(database):
    ours, named = (
        f"SELECT {state_sql()} FROM alert",
        f"SELECT {state_sql('a', ':now')} FROM alert a",
    )
    (state,) = database.execute(ours, {"now": NOW}).fetchone()
    assert database.execute(named, {"now": NOW}).fetchone() == (state,)
    return state


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ([], "expired"),
        ([("acknowledge", 950, None)], "acknowledged"),
        ([("acknowledge", NOW + 3, None), ("acknowledge", 950, None)], "acknowledged"),
        ([("acknowledge", NOW, None)], "expired"),
        ([("snooze", 950, NOW + 3)], "snoozed"),
        ([("snooze", 950, NOW + 3), ("snooze", 960, NOW - 3)], "open"),
        ([("snooze", 950, NOW - 3), ("snooze", 960, NOW + 3)], "snoozed"),
        ([("acknowledge", 940, None), ("resolve", 950, None)], "resolved"),
    ],
)
def test_what_people_did_is_read_from_their_acts(acts, state):
    database = store()
    for each in acts:
        act(database, *each)

    assert stored_state(database) == state
    database.close()


def test_work_is_what_a_person_did_on_a_run_of_the_alert():
    database = store()
    database.execute("INSERT INTO run_action VALUES ('r', 'an', 950)")
    database.execute("INSERT INTO run_action VALUES ('r', 'an', ?)", (NOW + 5,))

    assert stored_state(database) == "in_progress"
    database.close()


def test_the_machines_marks_are_read_from_the_alert():
    for row, state in [
        ({"opened_at": None}, "pending"),
        ({"resolved_at": 950}, "resolved"),
        ({"suppressed_reason": "hold"}, "suppressed"),
        ({"expires_at": NOW + 1}, "open"),
    ]:
        database = store(**row)
        assert stored_state(database) == state
        database.close()


@pytest.mark.parametrize(
    ("row", "closed", "told"),
    [
        ({"opened_at": 900}, False, True),
        ({"opened_at": 900, "resolved_at": 950}, True, True),
        ({"opened_at": None}, False, True),
        ({"opened_at": None, "resolved_at": 950}, False, False),
        ({"opened_at": None}, True, False),
    ],
)
def test_what_ended_before_it_opened_is_not_told_of(row, closed, told):
    database = store(**row)
    act(database, "acknowledge", 950)
    if closed:
        act(database, "resolve", 960)

    assert database.execute(f"SELECT {told_sql()} FROM alert").fetchone() == (told,)
    assert database.execute(f"SELECT {told_sql('a')} FROM alert a").fetchone() == (told,)
    database.close()


@pytest.mark.parametrize(("times", "state"), EXAMPLES)
def test_time_alone_moves_an_alert_between_the_states_by_time_only(times, state):
    found = {alert_state(times, at) for at in range(NOW - 150, NOW + 150)} | {state}
    assert found <= STATES_BY_TIME or len(found) == 1


def test_the_states_by_time_are_all_but_what_is_ended_muted_or_pending():
    assert set(STATES) - STATES_BY_TIME == {"pending", "suppressed", "resolved"}


@pytest.mark.parametrize(
    ("state", "reason", "because"),
    [
        ("resolved", "merged", "account_merged"),
        ("resolved", "merge_undone", "merge_undone"),
        ("resolved", "season", None),
        ("resolved", None, None),
        ("suppressed", "merged", None),
        ("open", "merge_undone", None),
    ],
)
def test_only_an_alert_that_a_merge_or_its_undoing_ended_says_so(state, reason, because):
    assert closed_because(state, reason) == because
