"""An owner without a visible id is nobody."""

import pytest

from shared.runtime.settings import SettingsError, read_settings


@pytest.mark.parametrize("blank", ["", "  ", "\u200b"])
def test_a_blank_default_owner_is_refused_by_its_name(blank):
    with pytest.raises(SettingsError, match=r"LEADLINE_DEFAULT_OWNER.*must not be blank"):
        read_settings(default_owner=blank)
