"""The page says the same in every language."""

import re
from string import Formatter

import pytest

from services.api.ui.locales import LANGUAGES
from services.api.ui.rendering import FOLDER
from shared.domain.alerts import ALERT_TYPES, LIVE_STATES, RUN_OUTCOMES, STATES, SUPPRESSIONS


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_language_has_every_word_and_its_places(language):
    words = LANGUAGES[language]
    assert set(words) == set(LANGUAGES["en"])
    for key, text in words.items():
        assert places(text) == places(LANGUAGES["en"][key]), key


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_outcome_state_and_type_has_a_plain_word(language):
    words = LANGUAGES[language]
    assert {f"outcome_{one}" for one in RUN_OUTCOMES} <= set(words)
    shown = {*STATES, *LIVE_STATES, *ALERT_TYPES, *SUPPRESSIONS} - {"pending"}
    assert {f"is_{one}" for one in shown} <= set(words)


def test_every_word_that_a_template_names_is_there():
    named = {
        word
        for template in (FOLDER / "templates").glob("*.html")
        for word in re.findall(r"\bw\.([a-z_]+)", template.read_text())
    }
    assert named - {"get"} <= set(LANGUAGES["en"])


def places(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_portuguese_states_fit_alerts_of_either_gender():
    words = LANGUAGES["pt"]
    for state in {*STATES} - {"pending"}:
        # "Reclamação", "queda" and "rota" are feminine: an adjective alone would not agree.
        assert re.match(r"em |alerta ", words[f"is_{state}"]), state
    assert f"1 mês {words['of_warning']}" == "1 mês de alerta antecipado"


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_language_calls_a_loss_likely_that_is_an_early_warning(language):
    said = LANGUAGES[language]["warning_help"]
    assert "50 %" in said
    assert not re.search("likely|provável|thì có khả năng", said)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_the_weights_are_said_to_add_up_on_the_scale_of_log_odds(language):
    assert "log-odds" in LANGUAGES[language]["why_caption"]
