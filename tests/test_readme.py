"""Every command that the README shows is run: here, or by the test that the table names."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from services.api.principal import POLICIES
from services.signals.hazard.model import default_model
from tests.support import process
from tests.support.process import ROOT
from tests.support.waiting import eventually

README = ROOT / "README.md"
FENCE = re.compile(r"^```(?:sh|bash|shell|console)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


class Run(NamedTuple):
    """Run it here, in an empty folder that all commands share, in the README's order."""


class Serve(NamedTuple):
    """Start it here, see it say where it listens, end it by SIGTERM."""


class Elsewhere(NamedTuple):
    """Another file runs it, or its equal."""

    path: str


TABLE = (
    (r"git clone \S+( \S+)?|cd \S+", Elsewhere(".ci/run")),
    (r"make (setup|check|test)", Elsewhere(".ci/run")),
    (r"make (help|generate)", Elsewhere("tests/deploy/test_make.py")),
    (r"make demo( ARGS=.*)?", Elsewhere("tests/flow/test_demo.py")),
    (r"make bench", Elsewhere("tests/deploy/test_make.py")),
    (r"cp deploy/env\.example deploy/\.env", Elsewhere("tests/deploy/test_files.py")),
    (r"docker (compose|build) .*", Elsewhere("tests/live/test_deployed.py")),
    (r"leadline demo --shipments .*", Elsewhere("tests/flow/test_demo.py")),
    (r"leadline backtest .*", Elsewhere("tests/flow/test_backtest.py")),
    (r"leadline demo .*--check.*", Run()),
    (r"leadline (demo|up)( .*)?", Serve()),
    (r"leadline (ingest|signals|api|topics apply.*)", Elsewhere("tests/live/test_deployed.py")),
    (r"leadline .*", Run()),
    (r"(export )?LEADLINE_\w+=\S+", Elsewhere("tests/live/test_deployed.py")),
    (r"curl .*/v1/.*", Elsewhere("tests/live/test_deployed.py")),
    (r"python3? -c .*secrets.*", Elsewhere("tests/deploy/test_make.py")),
)


def commands(text):
    """Return the shell commands of a document: no comments, no prompts, no output."""
    found = []
    for block in FENCE.findall(text):
        lines = block.replace("\\\n", " ").splitlines()
        if any(line.startswith("$ ") for line in lines):
            lines = [line[2:] for line in lines if line.startswith("$ ")]
        found += [line.partition(" #")[0].strip() for line in lines]
    return [line for line in found if line and not line.startswith("#")]


def exercise_of(command):
    """Return how a command is exercised, None when the table does not know it."""
    bare = command.removeprefix(".venv/bin/").removesuffix("&").strip()
    return next((how for pattern, how in TABLE if re.fullmatch(pattern, bare)), None)


def test_commands_are_found_in_either_kind_of_block():
    text = "```sh\nmake demo  # one\n\n# two\na \\\n  b\n```\n```console\n$ c d\noutput\n```\n"
    assert commands(text) == ["make demo", "a    b", "c d"]


def test_every_command_of_the_readme_is_exercised_somewhere():
    shown = commands(README.read_text())
    assert "make demo" in shown
    assert [command for command in shown if exercise_of(command) is None] == []


def test_the_cuts_that_the_readme_names_are_those_of_the_shipped_model():
    text = " ".join(README.read_text().split())
    for name, (watch, high, critical) in default_model().cuts.items():
        assert f"{watch:g}, {high:g} and {critical:g}" in text, name


def test_the_readme_says_where_the_api_is_and_names_no_address_that_is_not_there():
    named = set(re.findall(r"`(?:GET |POST )?(/[a-z][^`?]*)`", README.read_text()))
    assert {"/docs", "/v1/accounts", "/v1/alerts", "/v1/playbook-runs"} <= named
    assert named - {path for _, path in POLICIES} == {"/v1"}


def test_what_runs_elsewhere_is_there():
    for command in commands(README.read_text()):
        how = exercise_of(command)
        if isinstance(how, Elsewhere):
            assert (ROOT / how.path).is_file(), f"{command}: {how.path}"


@pytest.mark.timeout(300)
def test_the_commands_that_can_run_here_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("LEADLINE_HTTP_PORT", "0")
    for command in commands(README.read_text()):
        how = exercise_of(command)
        if isinstance(how, Run):
            run(command, tmp_path)
        elif isinstance(how, Serve):
            serve(command, tmp_path)


def program(command):
    """Return the command with this interpreter's `leadline`."""
    text = command.removeprefix(".venv/bin/").removesuffix("&").strip()
    return text.replace("leadline", f"{shlex.quote(sys.executable)} -m services.cli", 1)


def run(command, folder):
    shell = ["bash", "-c", program(command)]
    done = subprocess.run(shell, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


def serve(command, folder):
    log = Path(folder) / "served.log"
    log.unlink(missing_ok=True)
    server = process.start(shlex.split(program(command)), log, cwd=folder)
    try:
        eventually(
            lambda: server.poll() is not None or "http://" in log.read_text(),
            timeout_s=120,
            what=f"an address of {command}",
        )
        assert server.poll() is None, log.read_text()
        server.terminate()
        assert server.wait(30) == 0, log.read_text()
    finally:
        process.kill(server)
