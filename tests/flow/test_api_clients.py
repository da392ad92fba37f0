"""Clients that others generate from the OpenAPI document compile, and do the main flow."""

import shutil
import subprocess

import httpx
import pytest

from tests.support.absence import Absence
from tests.support.filled import filled_api
from tests.support.process import CACHE, ROOT

TOOLS = CACHE / "clients" / "bin"
FLOW = ROOT / "tests" / "support" / "client_flow.py"


@pytest.fixture
def api(sqlite_url):
    with filled_api(sqlite_url) as running:
        yield running


@pytest.fixture
def document(api, tmp_path):
    """The document as a file, as a customer would download it."""
    path = tmp_path / "openapi.json"
    path.write_bytes(httpx.get(f"{api.url}/openapi.json").raise_for_status().content)
    return path


def run(*command, cwd):
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def client_tools(request):
    """The folder of openapi-python-client and mypy, in an environment of their own."""
    if not (TOOLS / "openapi-python-client").exists():
        return Absence("the client generator is not installed (`make setup`)").refuse(request)
    return TOOLS


def test_a_generated_python_client_does_the_main_flow(client_tools, api, document, tmp_path):
    made = tmp_path / "leadline_client"
    shutil.copy(FLOW, tmp_path)
    run(
        client_tools / "openapi-python-client", "generate", "--path", document, "--meta", "none",
        "--output-path", made, cwd=tmp_path,
    )  # fmt: skip

    # Not the package's own client.py: the generator writes the same one for every document.
    checked = (made / "api", made / "models", FLOW.name)
    run(client_tools / "mypy", "--strict", "--follow-imports=silent", *checked, cwd=tmp_path)
    told = run(
        client_tools / "python", FLOW.name, api.url, api.token("manager"), api.token("service"),
        cwd=tmp_path,
    )  # fmt: skip
    assert told == "the main flow went through\n"
