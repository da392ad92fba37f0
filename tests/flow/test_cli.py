"""The `leadline` command: help, usage, settings, and failures that are one line."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from services.cli.one_process import only_process
from shared.store.session import Database
from tests.support.cli import Cli

COMMANDS = (
    "demo", "up", "ingest", "signals", "api", "migrate", "topics", "resume", "keys", "import",
    "simulate", "score", "train", "backtest", "export", "dlq", "notify", "doctor",
)  # fmt: skip


def test_help_names_every_command(cli):
    helped = cli("--help")
    assert helped.code == 0
    for command in COMMANDS:
        assert f" {command} " in helped.out


@pytest.mark.parametrize(
    "args",
    [
        ["nothing"],
        ["export", "everything"],
        ["import", "/no/such/file", "--map", "scms"],
        ["keys", "create", "--role", "king"],
        ["keys", "create", "--role", "kam"],
        ["demo", "--check", "--live", "60x"],
        ["demo", "--map", "scms"],
        ["demo", "--live", "fast"],
        ["dlq", "replay"],
        ["simulate", "--accounts", "0"],
        ["simulate", "--produce", "--to", "x"],
        ["simulate", "--until", "0001-01-01"],
        ["simulate", "--until", "9999-12-31"],
        ["dlq", "show", str(2**63)],
        ["dlq", "replay", str(2**63)],
        ["dlq", "discard", str(2**63), "--because", "wrong"],
        ["score", "A", "--as-of", "9999-12-31T23:59:59-12:00"],
        ["score", "A", "--known-at", "0001-01-01T00:00:00+12:00"],
    ],
)
def test_wrong_usage_ends_with_2(cli, args):
    ran = cli(*args)
    assert ran.code == 2
    assert not ran.out
    assert ran.err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["keys", "list"], "run `leadline migrate`"),
        (["topics", "apply"], "LEADLINE_KAFKA_BOOTSTRAP is empty"),
        (["simulate", "--produce"], "LEADLINE_KAFKA_BOOTSTRAP is empty"),
        (["migrate", "--to", "r9999"], "cannot migrate to r9999"),
        (["simulate", "--months", "1", "--to", "/dev/full"], "leadline: No space left on device"),
    ],
)
def test_a_failure_is_one_line_and_ends_with_1(cli, args, said):
    ran = cli(*args)
    assert (ran.code, ran.out) == (1, "")
    assert said in ran.err
    assert ran.err.startswith("leadline: ")
    assert len(ran.err.splitlines()) == 1


def test_a_wrong_setting_is_one_line_that_says_which(cli):
    ran = cli("migrate", LEADLINE_CLOCK="lunar")
    assert ran.code == 1
    assert "LEADLINE_CLOCK='lunar'" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_an_unknown_setting_is_warned_of(cli):
    ran = cli("migrate", LEADLINE_KLOCK="event")
    assert ran.code == 0
    assert "LEADLINE_KLOCK is no setting" in ran.err


def test_migrating_twice_does_nothing_more(cli):
    assert "empty -> " in cli("migrate").out
    assert "nothing to do" in cli("migrate").out


def test_keys_are_shown_once_listed_and_revoked(ready):
    made = ready("keys", "create", "--role", "kam", "--kam", "kam-1", "--days", 3)
    assert made.out.count("\n") == 1
    (key,) = ready("keys", "list", "--json").json
    assert (key["role"], key["kam_id"], key["revoked_at"]) == ("kam", "kam-1", None)
    assert ready("keys", "revoke", key["key_id"]).code == 0
    again = ready("keys", "revoke", key["key_id"])
    assert (again.code, "no key" in again.err) == (1, True)


def test_notifications_are_switched(ready):
    assert ready("notify", "on").out == "notifications are on\n"
    assert ready("notify", "off").out == "notifications are off\n"


def test_up_on_a_taken_port_says_which_and_ends(cli):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = cli("up", LEADLINE_HTTP_PORT=str(port))

    assert ran.code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in ran.err


@pytest.mark.parametrize("args", [["doctor"], ["dlq", "list"], ["score", "A"]])
def test_who_only_looks_makes_no_database(cli, args):
    ran = cli(*args)
    assert ran.code == 1
    assert "run `leadline migrate`" in ran.out + ran.err
    assert list(cli.folder.iterdir()) == []


def test_a_key_for_a_kam_says_what_names_one(ready):
    nobody = ready("keys", "create", "--role", "kam")
    everybody = ready("keys", "create", "--role", "manager", "--kam", "kam-linh")
    assert (nobody.code, everybody.code) == (2, 2)
    assert "--kam KAM_ID" in nobody.err
    assert "kam.id" in nobody.err
    assert "--kam goes with --role kam only" in " ".join(everybody.err.split()).replace("│ ", "")


def test_a_second_process_on_the_same_sqlite_file_says_which_one_has_it(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'cli.db'}")
    with only_process(database):
        ran = Cli(tmp_path)("up", LEADLINE_HTTP_PORT="0")
        assert ran.code == 1
        assert f"already (process {os.getpid()}): one at a time can" in ran.err
        assert len(ran.err.splitlines()) == 1
    with only_process(database):
        pass


def test_a_command_whose_output_was_closed_ends_well(cli):
    """As `leadline keys list >&-` has it; no file may get the number of that stream."""
    assert cli("migrate").code == 0
    command = ["sh", "-c", '"$@" >&-', "sh", sys.executable, "-m", "services.cli", "keys", "list"]
    ran = subprocess.run(command, cwd=Path.cwd(), env=cli.environ, capture_output=True, check=False)

    assert (ran.returncode, ran.stderr) == (0, b"")
