"""Schemathesis finds nothing: the api answers as its OpenAPI document says, whatever it is sent.

An ordinary run sends a few examples an operation; `make fuzz` sends 200 as every role.
"""

import os

import pytest

from services.api.principal import POLICIES, ROLES
from tests.support.filled import filled_api
from tests.support.fuzzing import UNTOUCHED, fuzz
from tests.support.schemathesis_report import reached

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "1"))
FEW = 6
ORDINARY = [("sqlite_url", "admin"), ("postgres_url", "kam")]
WHOLE = [(url, role) for url in ("sqlite_url", "postgres_url") for role in ROLES]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("url", "role"), WHOLE if EXAMPLES else ORDINARY)
def test_the_api_keeps_its_document(request, tmp_path, url, role):
    # Bound to all addresses as far as the settings say: metrics need a token.
    with filled_api(request.getfixturevalue(url), host="0.0.0.0") as api:  # noqa: S104  # a setting, not a listener
        token = api.token(role, "kam-linh" if role == "kam" else None)
        done = fuzz(api, token, tmp_path, examples=EXAMPLES or FEW, seed=SEED)

    assert done.returncode == 0, done.stdout + done.stderr
    if EXAMPLES:
        assert allowed(role) <= reached(tmp_path)


def allowed(role):
    """Return the operations of the document that a role may use."""
    return {
        (method, path)
        for (method, path), policy in POLICIES.items()
        if role in policy and path.startswith(("/v1/", "/metrics")) and path not in UNTOUCHED
    }
