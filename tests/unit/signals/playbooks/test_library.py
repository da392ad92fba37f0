from dataclasses import replace as changed

import pytest
from msgspec.structs import replace

from services.signals.alerting.alert import Alert
from services.signals.playbooks.conditions import EXAMPLE, NAMES, context
from services.signals.playbooks.library import LibraryError, load_library, read_playbook
from shared.domain.alerts import OUTCOMES, RUN_OUTCOMES
from tests.support.alerting import ACCOUNT, Days, finding, score

LIBRARY = load_library()
TEXT = """
id: own_play
version: 1
title: {en: Own, vi: Riêng, pt: Própria}
purpose: Ours.
trigger: {types: [churn_risk], priority: 1}
outcomes: [recovered_by_action]
steps:
- {id: one, role: CS, due: 0, title: {en: One, vi: Một, pt: Um}}
"""


def alert(type_="churn_risk", reason=None, scope=None, **changes) -> Alert:
    days = Days()
    given = {"reason": reason or type_, "scope": scope or {"kind": "account"}}
    days.many(2, score(60), finding(type_, **given))
    return replace(days.told[-1][1].alert, **changes)


def choose(one, **of_account):
    return LIBRARY.choose_id(one, changed(ACCOUNT, **of_account))


def wrong(old, new):
    assert old in TEXT
    with pytest.raises(LibraryError) as raised:
        read_playbook("own_play.yaml", TEXT.replace(old, new, 1).encode())
    return str(raised.value)


def test_the_shipped_library_loads_with_at_least_twelve_plays_in_three_languages():
    assert len(LIBRARY.playbooks) >= 12
    for playbook in LIBRARY.playbooks.values():
        for step in playbook.steps:
            for words in (playbook.title, step.title, step.text):
                assert words is None or all((words.en, words.vi, words.pt))


def test_every_play_with_a_trigger_can_close_an_alert():
    for playbook in LIBRARY.playbooks.values():
        assert set(playbook.outcomes) <= set(RUN_OUTCOMES)
        if playbook.trigger.types:
            assert set(playbook.outcomes) & set(OUTCOMES)


@pytest.mark.parametrize(
    ("type_", "reason", "play"),
    [
        ("stakeholder", "stakeholder_left", "stakeholder_remap"),
        ("stakeholder", "coverage_gap", "multi_threading"),
        ("complaint", "severe_complaint", "complaint_resolution"),
        ("complaint", "complaint_over_sla", "complaint_resolution"),
        ("complaint", "repeated_complaint", "service_recovery"),
        ("volume_erosion", "volume_erosion", "slowdown_check"),
        ("churn_risk", "churn_risk", "slowdown_check"),
    ],
)
def test_each_alert_has_its_play(type_, reason, play):
    assert choose(alert(type_, reason)) == play


def test_a_silent_lane_is_won_back():
    assert choose(alert("silent_lane_loss", scope={"kind": "lane"})) == "lane_winback"


def test_a_critical_or_first_tier_account_gets_an_executive_review():
    assert choose(alert(band="critical")) == "executive_review"
    assert choose(alert(), tier="A") == "executive_review"
    assert choose(alert(), tier="C") == "slowdown_check"


def test_rolled_or_rejected_space_comes_before_the_review():
    assert choose(alert(band="critical", drivers=("bookings_rolled",))) == "peak_space"


def test_the_cut_itself_fires_the_play_of_its_band():
    days = Days()
    days.many(2, score(70.0), finding())
    assert choose(days.told[-1][1].alert) == "executive_review"


def test_a_wrong_role_names_file_field_and_what_is_allowed():
    said = wrong("role: CS", "role: BOSS")
    assert said.startswith("own_play.yaml: steps[0].role: ")
    assert "KAM, CS, OPS" in said


@pytest.mark.parametrize("rule", ["nobody > 1", "true || alert.nothing == 1", "alert.band ==", "1"])
def test_a_condition_that_cannot_be_evaluated_is_an_error_at_load(rule):
    said = wrong("priority: 1", f"priority: 1, when: '{rule}'")
    assert said.startswith("own_play.yaml: trigger.when: ")


def test_an_unknown_field_a_missing_language_and_a_double_step_are_errors():
    assert "verzion" in wrong("version: 1", "verzion: 1")
    assert "steps[0].title" in wrong(", pt: Um", "")
    line = TEXT.strip().splitlines()[-1]
    assert "twice" in wrong(line, f"{line}\n{line}")
    assert "steps[0].hours" in wrong("due: 0", "due: 0, hours: 0")


def test_text_that_is_no_yaml_is_an_error_and_no_crash():
    assert "no YAML" in wrong("id: own_play", "id: [")


def test_an_extra_folder_adds_and_overrides_by_id(tmp_path):
    (tmp_path / "own.yaml").write_text(TEXT, encoding="utf-8")
    override = TEXT.replace("own_play", "executive_review").replace("version: 1", "version: 9")
    (tmp_path / "review.yml").write_text(override, encoding="utf-8")
    library = load_library(tmp_path)
    assert library["own_play"].version == 1
    assert library["executive_review"].version == 9
    assert len(library.playbooks) == len(LIBRARY.playbooks) + 1
    assert library.choose_id(alert(), ACCOUNT) in {"own_play", "executive_review"}


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(LibraryError, match="is no folder"):
        load_library(tmp_path / "nowhere")


def test_the_example_context_is_complete():
    real = context(alert(), ACCOUNT)
    assert {name: set(of) for name, of in NAMES.items()} == {
        name: set(fields) for name, fields in EXAMPLE.items()
    }
    assert {name: set(of) for name, of in real.items()} == {
        name: set(of) for name, of in EXAMPLE.items()
    }
