"""Help is asked often, and for nothing else: it loads what it needs, and no more."""

import subprocess
import sys

import pytest

HEAVY = {"sqlalchemy", "fastapi", "numpy", "scipy", "structlog", "aiokafka"}
SHOWING = """
import sys
from services.cli.__main__ import main

sys.argv = ["leadline", *sys.argv[1:]]
try:
    main()
finally:
    print("loaded", *sys.modules)
"""
SHOWING_ALL = """
import sys
import typer
from services.cli.__main__ import app

def show(command, name):
    command(["--help"], prog_name=name, standalone_mode=False)
    for each, below in getattr(command, "commands", {}).items():
        show(below, f"{name} {each}")

show(typer.main.get_command(app), "leadline")
print("loaded", *sys.modules)
"""


def shown(script, *args):
    """Return what is printed, and what of HEAVY is loaded for that."""
    done = subprocess.run(
        [sys.executable, "-c", script, *args], capture_output=True, text=True, check=True
    )
    said, loaded = done.stdout.split("loaded ")
    return said, HEAVY & set(loaded.split())


@pytest.mark.parametrize(
    ("asked", "begin"),
    [(["--help"], "Usage: leadline"), (["--version"], "leadline "), (["keys", "--help"], "Usage")],
)
def test_help_loads_no_database_no_web_server_and_no_arithmetic(asked, begin):
    said, loaded = shown(SHOWING, *asked)
    assert said.strip().startswith(begin)
    assert not loaded


def test_neither_does_the_help_of_any_command():
    said, loaded = shown(SHOWING_ALL)
    assert "Usage: leadline dlq replay" in said
    assert "Usage: leadline doctor" in said
    assert not loaded
