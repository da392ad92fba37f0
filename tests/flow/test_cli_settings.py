"""What commands say about settings that are misspelt, or right in form and wrong in fact."""

import pytest


def test_each_failing_line_of_doctor_says_how_to_mend_it(cli, tmp_path):
    """The settings are right in form and wrong in fact."""
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "x.yaml").write_text("id: x\n")
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "x.yaml").write_text("nonsense: true\n")
    ran = cli(
        "doctor", "--json",
        LEADLINE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        LEADLINE_KAFKA_BOOTSTRAP="127.0.0.1:1",
        LEADLINE_PLAYBOOKS=str(tmp_path / "plays"),
        LEADLINE_MAPPINGS=str(tmp_path / "maps"),
    )  # fmt: skip
    assert ran.code == 1
    failing = {line["name"]: line for line in ran.json if not line["ok"]}
    assert set(failing) == {"database", "schema", "kafka", "playbooks", "mappings"}
    assert all(line["fix"] for line in failing.values())
    assert "LEADLINE_DATABASE_URL" in failing["database"]["fix"]
    assert "leadline migrate" in cli("doctor").out  # an empty database says it itself


@pytest.mark.parametrize(
    ("name", "said"), [("notes.txt", "is no SQLite database"), (".", "cannot be opened")]
)
def test_doctor_says_that_a_file_is_no_database_and_does_not_ask_to_start_one(
    cli, tmp_path, name, said
):
    (tmp_path / "notes.txt").write_text("what was said on the phone\n" * 100)
    ran = cli("doctor", "--json", LEADLINE_DATABASE_URL=f"sqlite:///{tmp_path / name}")
    lines = {line["name"]: line for line in ran.json}
    assert [one for one, line in lines.items() if not line["ok"]] == ["database", "schema"]
    assert f"{tmp_path / name} {said}" in lines["database"]["text"]
    assert "start the database" not in lines["database"]["fix"]
    assert "LEADLINE_DATABASE_URL" in lines["database"]["fix"]
    assert lines["schema"]["fix"] == "see the database's line"


def test_a_slip_of_the_pen_in_the_env_file_is_named_too(cli, tmp_path):
    (tmp_path / ".env").write_text("LEADLINE_KAFKA_BOOSTRAP=x:1\nleadline_log_level=info\n")
    assert cli("migrate").code == 0
    ran = cli("keys", "list")
    assert ran.code == 0
    assert "LEADLINE_KAFKA_BOOSTRAP is no setting" in ran.err
    assert "LOG_LEVEL" not in ran.err


def test_a_secret_may_be_a_file_named_in_the_env_file(cli, tmp_path):
    (tmp_path / "secret").write_text("mysql://x\n")
    (tmp_path / ".env").write_text(f"LEADLINE_DATABASE_URL_FILE={tmp_path / 'secret'}\n")
    del cli.environ["LEADLINE_DATABASE_URL"]
    ran = cli("keys", "list")
    assert ran.code != 0
    assert "LEADLINE_DATABASE_URL" in ran.err
    assert "allowed are" in ran.err


@pytest.mark.parametrize("name", ["playbooks", "mappings"])
@pytest.mark.parametrize("there", [False, True], ids=["missing", "a file"])
def test_doctor_tells_of_a_folder_that_is_none_in_one_line_among_the_others(
    cli, tmp_path, name, there
):
    assert cli("migrate").code == 0
    if there:
        (tmp_path / "gone").write_text("")
    ran = cli("doctor", "--json", **{f"LEADLINE_{name.upper()}": "gone"})
    lines = {line["name"]: line for line in ran.json}
    assert [one for one, line in lines.items() if not line["ok"]] == [name]
    assert f"LEADLINE_{name.upper()}='gone': " in lines[name]["text"]
    assert len(lines) == 15


@pytest.mark.parametrize("command", ["api", "up"])
def test_a_wrong_playbook_stops_the_start_in_one_line(cli, tmp_path, command):
    assert cli("migrate").code == 0
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "x.yaml").write_text("id: x\n")
    ran = cli(command, LEADLINE_PLAYBOOKS="plays", LEADLINE_HTTP_PORT="0")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1)
    assert "LEADLINE_PLAYBOOKS='plays': x.yaml: " in ran.err
