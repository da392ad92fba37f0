"""The deployment's files: linted, valid against their schemas, no default secrets."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.process import ROOT

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
OURS = {name for name, each in COMPOSE["services"].items() if each["image"] == "leadline:local"}
LONG_RUNNING = {"ingest", "signals", "api", "kafka", "postgres", "prometheus", "grafana"}


def run(program, *arguments):
    path = Path(sys.executable).with_name(program)
    command = [path, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_passes_hadolint():
    run("hadolint", DEPLOY / "Dockerfile")


def test_every_yaml_file_passes_yamllint():
    run("yamllint", "--strict", "deploy", "services", ".yamllint.yaml")


def test_compose_fits_the_published_schema():
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_every_image_is_pinned():
    for name, service in COMPOSE["services"].items():
        assert re.search(r":[\w.-]*\w", service["image"]), name
        assert not service["image"].endswith(":latest"), name


def test_every_long_running_service_has_a_health_check():
    for name in LONG_RUNNING:
        assert COMPOSE["services"][name]["healthcheck"]["test"], name


def test_what_is_waited_for_has_ended_or_is_healthy():
    for name, service in COMPOSE["services"].items():
        for needed, how in service.get("depends_on", {}).items():
            expected = "service_healthy" if needed in LONG_RUNNING else None
            expected = expected or "service_completed_successfully"
            assert how["condition"] == expected, (name, needed)


def test_no_password_has_a_default_and_each_is_in_the_example():
    text = (DEPLOY / "compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+_PASSWORD)", text))
    demanded = set(re.findall(r"\$\{(\w+_PASSWORD):\?", text))
    assert asked == demanded
    assert not re.findall(r"\$\{\w+_PASSWORD:?-", text)
    example = dict(re.findall(r"^(\w+)=(.*)$", (DEPLOY / "env.example").read_text(), re.MULTILINE))
    assert asked <= set(example)
    assert not any(example[name] for name in asked)


def test_our_processes_cannot_write_their_root_or_gain_rights():
    for name in OURS:
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]


def test_only_loopback_is_published_by_default():
    for service in COMPOSE["services"].values():
        for port in service.get("ports", []):
            assert port.startswith(("127.0.0.1:", "${LISTEN:-127.0.0.1}:"))


def test_the_image_runs_as_a_numeric_user_that_is_not_root():
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.findall(r"^USER (\d+):\d+$", text, re.MULTILINE)[-1] != "0"


def test_what_the_dockerfile_copies_is_not_ignored():
    allowed = {
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"
    }
    text = (DEPLOY / "Dockerfile").read_text()
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE):
        for source in sources.split():
            assert source in allowed
            assert (ROOT / source).exists() or source == "README.md"


@pytest.mark.parametrize(
    "name",
    ["requirements", "requirements-dev", "requirements-bench", "requirements-build"],
)
def test_every_requirement_is_pinned_and_hashed_and_names_no_index(name):
    text = (DEPLOY / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index" not in text
    for requirement in re.split(r"\n(?=\w)", text.strip()):
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", requirement), requirement
        assert "--hash=sha256:" in requirement


def test_the_image_gets_exactly_what_the_tests_ran_with():
    runtime, tested = (pins(DEPLOY / f"requirements{kind}.txt") for kind in ("", "-dev"))
    assert runtime.items() <= tested.items()


def test_benchmarks_only_add_to_what_the_tests_ran_with():
    tested, measured = (pins(DEPLOY / f"requirements-{kind}.txt") for kind in ("dev", "bench"))
    assert tested.items() <= measured.items()


def pins(path):
    return dict(re.findall(r"^([\w.-]+)(?:\[\S+\])?==(\S+)", path.read_text(), re.MULTILINE))
