from dataclasses import replace as changed
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.signals.alerting.account import Person, TeamMember
from services.signals.alerting.workdays import CLOSE, OPEN, due_at, due_within, is_business_day
from services.signals.features.facts import DAY_MICROS
from services.signals.playbooks.library import load_library
from services.signals.playbooks.runs import PastRun, refusal, responsible, start_run
from shared.domain.zones import zone_of
from tests.support.alerting import ACCOUNT, Days, finding, score

LIBRARY = load_library()
TEAM = (TeamMember("CS", "cs-thu", "Thu"), TeamMember("OPS", "ops-paulo", None))
HEAD = Person("head-mai", "Mai")
STAFFED = changed(ACCOUNT, team=TEAM, manager=HEAD, time_zone="Asia/Ho_Chi_Minh")


def micros(text):
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp()) * 1_000_000


def opened():
    days = Days(STAFFED)
    days.many(2, score(60), finding())
    return days.told[-1][1].alert


def test_roles_resolve_to_people_of_the_accounts_team():
    run = start_run(LIBRARY["executive_review"], opened(), STAFFED, micros("2026-03-02T00:00Z"))
    owners = {task.role: task.owner_id for task in run.tasks}
    assert owners["HEAD"] == "head-mai"
    assert owners["OPS"] == "ops-paulo"
    assert owners["KAM"] == "kam-linh"
    assert run.owner_id == "kam-linh"


def test_a_role_nobody_has_is_the_kams_and_without_a_kam_the_default_owners():
    assert responsible("FIN", STAFFED).id == "kam-linh"
    assert responsible("FIN", changed(STAFFED, kam=None)).id == "unassigned"
    assert responsible("HEAD", changed(STAFFED, manager=None)).id == "kam-linh"


def test_starting_twice_for_an_alert_gives_the_same_run():
    alert, play = opened(), LIBRARY["slowdown_check"]
    first = start_run(play, alert, STAFFED, micros("2026-03-02T00:00Z"))
    again = start_run(play, alert, STAFFED, micros("2026-03-09T00:00Z"))
    assert (first.run_id, first.trigger_key) == (again.run_id, again.trigger_key)


def test_by_hand_the_idempotency_key_decides():
    play, now = LIBRARY["value_dossier"], micros("2026-03-02T00:00Z")
    one = start_run(play, None, STAFFED, now, idempotency="k1")
    same = start_run(play, None, STAFFED, now + 5, idempotency="k1")
    other = start_run(play, None, STAFFED, now, idempotency="k2")
    elsewhere = start_run(play, None, changed(STAFFED, account_id="B"), now, idempotency="k1")
    assert one.run_id == same.run_id
    assert len({one.run_id, other.run_id, elsewhere.run_id}) == 3


def test_the_first_action_is_due_with_the_alert():
    alert = opened()
    run = start_run(LIBRARY["slowdown_check"], alert, STAFFED, alert.opened_at)
    assert run.first_action_due_at == alert.due_at


def test_tasks_are_due_at_close_of_business_of_the_account():
    friday = micros("2026-03-06T02:00Z")  # 9:00 in Viet Nam
    assert due_at(friday, 0, "VN", "Asia/Ho_Chi_Minh") == micros("2026-03-06T17:00+07:00")
    assert due_at(friday, 1, "VN", "Asia/Ho_Chi_Minh") == micros("2026-03-09T17:00+07:00")


def test_after_close_and_on_weekends_day_0_is_the_next_business_day():
    evening = micros("2026-03-06T18:00+07:00")
    assert due_at(evening, 0, "VN", "Asia/Ho_Chi_Minh") == micros("2026-03-09T17:00+07:00")
    assert due_at(micros("2026-03-07T09:00Z"), 0, None, None) == micros("2026-03-09T17:00Z")


@pytest.mark.parametrize(
    ("started", "hours", "due"),
    [
        ("2026-03-06T09:10+07:00", 2, "2026-03-06T11:10+07:00"),
        ("2026-03-06T16:30+07:00", 2, "2026-03-09T09:30+07:00"),  # goes on at the next opening
        ("2026-03-06T06:00+07:00", 2, "2026-03-06T10:00+07:00"),  # from the opening
        ("2026-03-06T17:00+07:00", 2, "2026-03-09T10:00+07:00"),  # from Monday's
        ("2026-03-06T15:00+07:00", 2, "2026-03-06T17:00+07:00"),
        ("2026-02-13T18:00+07:00", 2, "2026-02-23T10:00+07:00"),  # after Tet
        ("2026-03-05T07:00+07:00", 23, "2026-03-05T17:00+07:00"),  # never later than a day
        ("2026-03-05T07:00+07:00", 24, "2026-03-05T17:00+07:00"),  # 00:00 UTC: by the close
        ("2026-03-05T14:30+07:00", 24, "2026-03-06T14:30+07:00"),
        ("2026-03-05T07:00+07:00", 72, "2026-03-09T17:00+07:00"),  # over a weekend
    ],
)
def test_what_is_promised_within_hours_is_due_in_working_time(started, hours, due):
    assert due_within(micros(started), hours, "VN", "Asia/Ho_Chi_Minh") == micros(due)


@given(
    st.integers(0, 60 * 24 * 365),
    st.integers(1, 96),
    st.sampled_from([("VN", "Asia/Ho_Chi_Minh"), ("BR", "America/Sao_Paulo"), (None, None)]),
)
def test_nothing_is_due_at_night_or_on_a_day_off_and_more_hours_are_never_due_sooner(
    minutes, hours, place
):
    country, zone = place
    started = micros("2026-01-01T00:00Z") + minutes * 60_000_000
    due = due_within(started, hours, country, zone)
    local = datetime.fromtimestamp(due / 1e6, UTC).astimezone(zone_of(zone))
    assert OPEN <= local.time() <= CLOSE
    assert is_business_day(local.date(), country)
    assert started <= due <= due_within(started, hours + 1, country, zone)


def test_a_step_that_says_hours_in_its_title_is_due_by_them():
    alert = opened()
    run = start_run(LIBRARY["complaint_resolution"], alert, STAFFED, alert.opened_at)
    first, *others = run.tasks
    view = (STAFFED.calendar, STAFFED.time_zone)
    assert first.due_at == due_within(alert.opened_at, 2, *view)
    assert others[0].due_at == due_at(alert.opened_at, 1, *view)
    assert [
        (play.id, step.id)
        for play in LIBRARY.playbooks.values()
        for step in play.steps
        if "hours" in step.title.en and step.hours is None
    ] == []


def test_holidays_of_the_accounts_country_do_not_count():
    before_tet = micros("2026-02-13T09:00+07:00")
    due = due_at(before_tet, 1, "VN", "Asia/Ho_Chi_Minh")
    assert due > micros("2026-02-20T00:00+07:00")
    assert due_at(before_tet, 1, "XX", "Nowhere/Land") == micros("2026-02-16T17:00Z")


def test_one_active_run_per_account_but_called_plays_neither_count_nor_wait():
    play, called = LIBRARY["slowdown_check"], LIBRARY["value_dossier"]
    now = 20_000 * DAY_MICROS
    busy = [PastRun("executive_review", now - 40 * DAY_MICROS, is_active=True)]
    dossier = [PastRun("value_dossier", now - DAY_MICROS, is_active=True, called=True)]
    assert refusal(play, busy, now) == "active_run"
    assert refusal(play, dossier, now) is None
    assert refusal(called, busy, now) is None


def test_the_cooldown_counts_from_the_last_run_and_ends():
    play, now = LIBRARY["slowdown_check"], 20_000 * DAY_MICROS
    past = [PastRun(play.id, now - 13 * DAY_MICROS, is_active=False)] * 200
    assert refusal(play, past, now) == "cooldown"
    assert refusal(play, past, now + 2 * DAY_MICROS) is None


def test_thin_coverage_starts_nothing():
    assert refusal(LIBRARY["slowdown_check"], [], 0, coverage=0.5) == "coverage"
