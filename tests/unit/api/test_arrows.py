"""An arrow says what a reason does to the risk, and nothing where its figure shows as nothing."""

import pytest

from services.api.ui.rendering import arrow


@pytest.mark.parametrize(
    ("contribution", "said"), [(0.005, "▲"), (-2.1, "▼"), (0.0049, ""), (-0.001, "")]
)
def test_what_shows_as_zero_has_no_arrow(contribution, said):
    assert arrow(contribution)[1] == said
