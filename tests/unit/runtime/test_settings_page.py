"""The page that lists the settings says what the code reads."""

import re
from pathlib import Path
from typing import get_args

import pytest

from shared.runtime.settings import PREFIX, SECRETS, Settings

PAGE = Path("deploy/docs/settings.md").read_text(encoding="utf-8")
ROWS = re.findall(rf"^\| `{PREFIX}(\w+)` \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
SAID_OTHERWISE = {"METRICS_PORT", "PLAYBOOKS", "MAPPINGS", "FX_RATES", "LOG_FORMAT"}


def test_every_setting_has_its_row_and_no_other():
    assert [name.lower() for name, _, _ in ROWS] == list(Settings.model_fields)


@pytest.mark.parametrize(("name", "default", "meaning"), ROWS)
def test_a_row_names_the_default_and_all_that_is_allowed(name, default, meaning):
    field = Settings.model_fields[name.lower()]
    if name not in SAID_OTHERWISE:
        plain = getattr(field.default, "get_secret_value", lambda: field.default)()
        assert default == (f"`{plain}`" if plain != "" else "empty")
    allowed = {str(one) for one in get_args(field.annotation) if isinstance(one, str) and one}
    said = set(re.findall(r"`([^`]+)`", f"{default} {meaning}"))
    assert allowed <= said


def test_the_secrets_that_may_lie_in_files_are_named():
    assert all(f"`{PREFIX}{name}_FILE`" in PAGE for name in SECRETS)
