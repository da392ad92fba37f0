from datetime import date

import numpy as np
import pytest

from services.signals.alerting.account import AccountView
from services.signals.alerting.detect import Detectors
from services.signals.alerting.detectors.mutes import SeasonWatch
from services.signals.features.facts import DAY_MICROS, Series
from services.signals.hazard.model import default_model
from services.signals.scoring.evaluate import Evaluator
from services.signals.scoring.words import day_text
from shared.domain.sentences import knows
from tests.support.facts import SEA, booking_row, facts_of, told, weekly

DAY = 20_000
AIR = Series("air", "general", "VNHAN", "DEFRA", "/tms", "USD")


def on_lane(rows, series):
    return [(account, day, effect, series, sums) for account, day, effect, _, sums in rows]


def findings(facts, day=DAY):
    scores = Evaluator(facts, default_model(), clock="event").scores(day)
    return Detectors(facts, None).findings(day, scores)


def found(facts, type_, day=DAY):
    return [one for one in findings(facts, day) if one.type == type_]


def two_lanes(silent_days, *, evidence=(), steady=True):
    lost = on_lane(weekly(0, last=DAY - silent_days, count=100), 0)
    kept = on_lane(weekly(0, last=DAY - (2 if steady else silent_days), count=110), 1)
    return facts_of(["A"], lost + kept, series={0: SEA, 1: AIR}, evidence=evidence)


def test_a_lane_without_bookings_for_own_cycles_is_silent_while_the_others_hold():
    (one,) = found(two_lanes(40), "silent_lane_loss")
    assert one.scope == {"kind": "lane", "origin": "VNHPH", "destination": "DEHAM", "mode": "sea"}
    assert "0 bookings since" in one.text
    assert "1 a week" in one.text
    assert one.events
    assert one.muted is None


def test_a_lane_within_its_own_rhythm_is_not_silent():
    assert found(two_lanes(12), "silent_lane_loss") == []


def test_when_all_lanes_stop_it_is_no_lane_loss():
    assert found(two_lanes(40, steady=False), "silent_lane_loss") == []


def test_a_lane_that_falls_for_everybody_is_the_market():
    rows, series = [], {0: SEA, 1: AIR}
    for account in range(6):
        rows += on_lane(weekly(account, last=DAY - 40, count=100), 0)
        rows += on_lane(weekly(account, last=DAY - 2, count=110), 1)
    lanes = found(facts_of(list("ABCDEF"), rows, series=series), "silent_lane_loss")
    assert [one.muted for one in lanes] == ["market"] * 6


@pytest.mark.parametrize(
    ("data", "muted"),
    [
        ({"status": "on_hold", "hold_reason": "credit"}, "hold"),
        ({"status": "on_hold", "hold_reason": "legal"}, "hold"),
        ({"status": "on_hold", "hold_reason": "project_end"}, "project_end"),
        ({"status": "closed"}, "project_end"),
        ({"status": "active"}, None),
        ({"status": "merged"}, None),  # into no account: one that is merged has no facts here
    ],
)
def test_a_hold_or_an_ended_project_mutes(data, muted):
    facts = two_lanes(40, evidence=[told(0, "account", "", DAY - 30, **data)])
    (one,) = found(facts, "silent_lane_loss")
    assert one.muted == muted


def test_a_hold_that_comes_later_is_not_known_yet():
    held = told(0, "account", "", DAY + 0.5, status="on_hold", hold_reason="credit")
    (one,) = found(two_lanes(40, evidence=[held]), "silent_lane_loss")
    assert one.muted is None


def thinning():
    rows = [booking_row(0, DAY - 92 - 3 * at) for at in range(120)]
    return rows + [booking_row(0, DAY - 9 * at - 1) for at in range(10)]


def test_volume_under_60_percent_of_the_own_year_is_erosion():
    (one,) = found(facts_of(["A"], thinning()), "volume_erosion")
    assert "of its own level before (6 to 15 months ago)" in one.text


def test_a_steady_drop_stays_visible_for_the_whole_drop():
    before = [booking_row(0, DAY - 3 * at) for at in range(150)]
    after = [booking_row(0, DAY + 8 * at) for at in range(1, 25)]
    facts = facts_of(["A"], before + after)
    for later in range(93, 180, 7):
        assert found(facts, "volume_erosion", DAY + later)


def test_steady_volume_is_no_erosion():
    rows = [booking_row(0, DAY - 3 * at - 1) for at in range(200)]
    assert found(facts_of(["A"], rows), "volume_erosion") == []


def test_a_dip_as_in_the_same_season_last_year_is_muted():
    busy = [day for day in range(DAY - 1100, DAY, 3) if not is_dip(day)]
    quiet = [day for day in range(DAY - 1100, DAY, 30) if is_dip(day)]
    facts = facts_of(["A"], [booking_row(0, day) for day in sorted({*busy, *quiet})])
    dips = found(facts, "volume_erosion")
    assert dips
    assert {one.muted for one in dips} == {"season"}


def seasonal(last):
    """Return bookings of every third day outside the dips, up to a day."""
    days = [day for day in range(DAY - 1100, last + 1, 3) if not is_dip(day)]
    return facts_of(["A"], [booking_row(0, day) for day in days])


def mutes_of_what_stands(facts):
    scores = Evaluator(facts, default_model(), clock="event").scores(DAY)
    assert scores.lost[0]
    assert not [
        one for one in Detectors(facts, None).findings(DAY, scores) if one.type == "churn_risk"
    ]
    standing = Detectors(facts, None).findings(DAY, scores, standing={0})
    return [one.muted for one in standing if one.standing]


@pytest.mark.parametrize(("count", "within"), [(10, "1 month"), (60, "3 months")])
def test_an_early_warning_is_told_as_the_chance_that_it_is(count, within):
    facts = facts_of(["A"], weekly(0, last=DAY - 28, count=count))
    scores = Evaluator(facts, default_model(), clock="event").scores(DAY)
    chance = round(100 * scores.curve[0, int(within[0]) - 1], 1)
    cut = scores.cuts[0].high
    assert cut <= chance < 50  # so a loss is not likely yet
    (one,) = found(facts, "churn_risk")
    said = f"{chance:g} % chance that a loss starts within {within} (early warning from {cut} %)"
    assert one.text == f"Last booking on {day_text(DAY - 28)}; {said}"
    assert knows(one.text)


def test_a_lost_account_is_no_news_but_its_season_goes_on_to_mute_what_stands():
    assert mutes_of_what_stands(seasonal(DAY - 97)) == ["season"]


@pytest.mark.parametrize("history", [400, 430, 455, 500])
def test_the_days_before_the_first_booking_are_no_low_season_of_last_year(history):
    days = range(DAY - history, DAY - 60, 3)
    facts = facts_of(["A"], [booking_row(0, day) for day in days])
    assert not SeasonWatch(facts).explains(0, AccountView("A", calendar=None), DAY, 60)


@pytest.mark.parametrize("days", [370, 640])
def test_a_silence_of_more_than_a_year_is_no_season(days):
    assert mutes_of_what_stands(seasonal(DAY - days)) == [None]


def test_nor_is_it_in_a_season_of_the_calendar():
    view = AccountView("A", calendar="VN")
    tet = (date(2026, 2, 18) - date(1970, 1, 1)).days
    facts = facts_of(["A"], [booking_row(0, tet - 640 - 3 * at) for at in range(60)])
    watch = SeasonWatch(facts)
    assert watch.explains(0, view, tet, 20)
    assert not watch.explains(0, view, tet, 640)


def is_dip(day):
    return (DAY - day) % 365 <= 100


def complaint(ref, day, phase="opened", **data):
    return told(0, "complaint", ref, day, phase=phase, kind="complaint", **data)


def with_evidence(*evidence):
    return facts_of(["A"], weekly(0, last=DAY - 1, count=60), evidence=evidence)


def test_a_severe_complaint_opens_at_once_at_its_events_time():
    facts = with_evidence(complaint("t1", DAY - 0.5, severity=1, category="damage"))
    (one,) = Detectors(facts, None).at_once((DAY - 1) * DAY_MICROS, DAY * DAY_MICROS)
    assert (one.reason, one.scope, one.at_once) == (
        "severe_complaint",
        {"kind": "ticket", "ref": "t1"},
        True,
    )
    assert one.time == round((DAY - 0.5) * DAY_MICROS)
    assert "severe_complaint" in {each.reason for each in findings(facts)}


@pytest.mark.parametrize(("severity", "said"), [(1, "Severe complaint"), (2, "Complaint")])
def test_a_complaint_is_said_by_its_own_name_with_all_its_slashes(severity, said):
    named = {"severity": severity, "ticket_ref": "HPH/2026/17"}
    facts = with_evidence(complaint("/crm/HPH/2026/17", DAY - 9, **named))
    assert any(one.text.startswith(f"{said} HPH/2026/17") for one in findings(facts))


def test_a_severe_complaint_solved_within_the_day_is_still_seen_by_the_next_evaluation():
    facts = with_evidence(
        complaint("t1", DAY - 0.5, severity=1), complaint("t1", DAY - 0.2, phase="solved")
    )
    assert "severe_complaint" in {one.reason for one in findings(facts)}
    assert "severe_complaint" not in {one.reason for one in findings(facts, DAY + 1)}


def test_a_solved_complaint_ends_its_condition():
    facts = with_evidence(
        complaint("t1", DAY - 9, severity=1), complaint("t1", DAY - 2, phase="solved")
    )
    assert found(facts, "complaint") == []


def test_three_complaints_in_90_days_are_repeated_and_two_are_not():
    three = [complaint(f"t{at}", DAY - 60 + 20 * at, severity=4) for at in range(3)]
    (one,) = found(with_evidence(*three), "complaint")
    assert (one.reason, len(one.events)) == ("repeated_complaint", 3)
    assert found(with_evidence(*three[:2]), "complaint") == []


def test_repeated_ends_when_fewer_than_three_lie_in_90_days():
    three = [complaint(f"t{at}", DAY - 60 + 20 * at, severity=4) for at in range(3)]
    assert found(with_evidence(*three), "complaint", DAY + 29)
    assert found(with_evidence(*three), "complaint", DAY + 31) == []


def test_a_complaint_open_beyond_the_agreed_time_is_over_sla():
    facts = with_evidence(complaint("t1", DAY - 4, severity=2))
    assert [one.reason for one in found(facts, "complaint")] == ["complaint_over_sla"]
    assert found(facts, "complaint", DAY - 2) == []


def test_a_request_is_no_complaint():
    request = told(0, "complaint", "t1", DAY - 9, phase="opened", kind="request", severity=1)
    assert found(with_evidence(request), "complaint") == []


def contact(ref, day, change, **data):
    return told(0, "contact_change", ref, day, change=change, contact_ref=ref, **data)


def test_a_champion_who_left_is_found_at_once_whatever_the_leaving_event_repeats():
    facts = with_evidence(
        contact("p1", DAY - 300, "joined", influence="champion", function="logistics"),
        contact("p1", DAY - 0.5, "left"),
    )
    (one,) = Detectors(facts, None).at_once((DAY - 1) * DAY_MICROS, DAY * DAY_MICROS)
    assert one.reason == "stakeholder_left"
    assert one.text.startswith("The champion (logistics) left on")


def test_an_operator_who_left_is_no_alert():
    facts = with_evidence(
        contact("p1", DAY - 300, "joined", influence="operates"), contact("p1", DAY - 1, "left")
    )
    assert found(facts, "stakeholder") == []


def test_a_replaced_contact_ends_the_condition_after_the_hand_over():
    facts = with_evidence(
        contact("p1", DAY - 300, "joined", influence="sponsor"),
        contact("p1", DAY - 20, "left"),
        contact("p2", DAY - 15, "joined", influence="sponsor"),
    )
    assert found(facts, "stakeholder", DAY - 10)
    assert found(facts, "stakeholder", DAY) == []


def test_an_unreachable_sponsor_waits_for_the_daily_evaluation():
    facts = with_evidence(
        contact("p1", DAY - 300, "joined", influence="sponsor"),
        contact("p1", DAY - 0.5, "unreachable"),
    )
    assert Detectors(facts, None).at_once((DAY - 1) * DAY_MICROS, DAY * DAY_MICROS) == []
    (one,) = found(facts, "stakeholder")
    assert (one.reason, one.at_once) == ("stakeholder_unreachable", False)


def test_complaints_and_people_are_never_muted_by_a_hold():
    facts = with_evidence(
        told(0, "account", "", DAY - 30, status="on_hold", hold_reason="credit"),
        complaint("t1", DAY - 1, severity=1),
    )
    assert {one.muted for one in found(facts, "complaint")} == {None}


def test_findings_of_a_day_do_not_change_with_later_facts():
    early = [complaint("t1", DAY - 9, severity=1), contact("p1", DAY - 9, "left", is_primary=True)]
    later = [complaint("t1", DAY + 3, phase="solved"), contact("p1", DAY + 2, "joined")]
    rows = thinning()
    more = [booking_row(0, DAY + at) for at in range(30)]
    as_then = findings(facts_of(["A"], rows, evidence=early))
    assert as_then == findings(facts_of(["A"], rows + more, evidence=early + later))


def test_nothing_known_gives_no_findings():
    assert findings(facts_of(["A"], [])) == []
    assert np.array_equal(facts_of([], []).day, np.zeros(0))
