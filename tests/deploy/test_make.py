"""The make targets: they set up once, say what is missing in one line, and explain themselves."""

import os
import re
import shutil
import subprocess

import pytest

from tests.support.process import ROOT

INPUTS = (
    "Makefile", "pyproject.toml", "deploy/requirements.txt", "deploy/requirements-build.txt",
    "deploy/requirements-dev.txt", "deploy/requirements-bench.txt",
    "deploy/requirements-clients.txt", "deploy/kafka/pom.xml",
)  # fmt: skip
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = ("setup", "demo", "test", "check", "bench", "generate")


@pytest.fixture
def fresh(tmp_path):
    """A folder with what `make setup` reads, and nothing installed."""
    for name in INPUTS:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def make(folder, *arguments, **environment):
    # As from a shell: these tests themselves run under `make test`, which tells its children.
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=inherited | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def installed(folder):
    """Leave the stamps of a finished set-up."""
    for stamp in (
        ".venv/.product",
        ".venv/.installed",
        ".cache/kafka/libs/.fetched",
        ".cache/clients/.installed",
    ):
        (folder / stamp).parent.mkdir(parents=True, exist_ok=True)
        (folder / stamp).touch()


def test_without_a_new_enough_python_one_line_says_so(fresh):
    done = make(fresh, "setup", "PYTHON=")
    assert done.returncode != 0
    first, *rest = done.stderr.splitlines()
    assert "Python 3.11" in first
    assert all(line.startswith("make: ***") for line in rest)
    assert not (fresh / ".venv").exists()


def test_a_second_setup_does_nothing(fresh):
    installed(fresh)
    assert make(fresh, "--question", "setup").returncode == 0


def test_changed_requirements_set_up_again(fresh):
    installed(fresh)
    requirements = fresh / "deploy" / "requirements-dev.txt"
    os.utime(requirements, (2**32, 2**32))
    assert make(fresh, "--question", "setup").returncode == 1


def test_without_java_the_set_up_goes_on_and_says_what_it_means(fresh, tmp_path):
    installed(fresh)
    (fresh / ".cache/kafka/libs/.fetched").unlink()
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("bash", "sh", "env", "touch", "rm", "mkdir"):
        (tools / name).symlink_to(shutil.which(name))
    command = shutil.which("make")
    done = subprocess.run(
        [command, "setup", f"PYTHON={shutil.which('python3')}"],
        cwd=fresh,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "will be skipped" in done.stderr


def test_help_names_every_target():
    said = make(ROOT, "help").stdout
    for target in TARGETS:
        assert re.search(rf"make {target}\b", said), target


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_installs_before_it_runs(fresh, target):
    plan = make(fresh, "--dry-run", target).stdout
    assert "--require-hashes" in plan
    assert "--no-deps --no-build-isolation --editable ." in plan


def test_the_demo_waits_for_nothing_that_only_tests_need(fresh):
    assert "requirements-dev.txt" not in make(fresh, "--dry-run", "demo").stdout
    assert "requirements-dev.txt" in make(fresh, "--dry-run", "check").stdout


@pytest.mark.parametrize(
    ("target", "runs"),
    [
        ("demo", ".venv/bin/leadline demo"),
        ("test", ".venv/bin/python -m pytest"),
        ("bench", ".venv/bin/python -m tests.benchmarks"),
        ("generate", ".venv/bin/python -m deploy.grafana.build"),
    ],
)
def test_a_target_runs_what_it_promises(fresh, target, runs):
    installed(fresh)
    assert runs in make(fresh, "--dry-run", target).stdout


def test_ci_is_valid_shell_and_demands_every_server():
    path = ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", path], check=True)
    assert os.access(path, os.X_OK)
    assert "LEADLINE_REQUIRE_SERVERS=1" in path.read_text()
