"""The facts without which a figure says nothing: machine, versions, and who else was busy."""

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tests.support.kafka import LIBS
from tests.support.postgres import postgres_bin
from tests.support.process import ROOT, UnavailableError

PACKAGES = (
    "aiokafka", "confluent-kafka", "fastapi", "msgspec", "numpy", "psycopg", "pydantic",
    "scikit-learn", "scipy", "sqlalchemy", "uvicorn", "uvloop", "faststream", "bytewax",
)  # fmt: skip


def machine_facts():
    """Return what describes this machine now."""
    return {
        "cores": os.cpu_count(),
        "cpu": _first(r"model name\s*: (.+)", Path("/proc/cpuinfo")),
        "memory_gb": round(int(_first(r"MemTotal:\s+(\d+)", Path("/proc/meminfo"))) / 1024**2, 1),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average_before": [round(load, 2) for load in os.getloadavg()],
        "commit": _commit(),
        "versions": _servers() | {name: found for name in PACKAGES if (found := _version(name))},
    }


def _first(pattern, path):
    found = re.search(pattern, path.read_text())
    return found[1] if found else None


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _servers():
    found = {"sqlite": sqlite3.sqlite_version}
    jars = [path.name for path in LIBS.glob("kafka_2.13-*.jar")]
    if jars:
        found["kafka"] = jars[0].removeprefix("kafka_2.13-").removesuffix(".jar")
    try:
        said = _output(postgres_bin() / "postgres", "--version")
    except UnavailableError:
        return found
    return found | {"postgresql": said.split()[2]}


def _commit():
    try:
        return _output("git", "-C", ROOT, "rev-parse", "--short", "HEAD").strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
