"""What commands say of themselves, and of names that nobody has."""

import json
from importlib.metadata import version

import pytest

EVENT = {
    "specversion": "1.0", "id": "a1", "source": "/crm", "type": "leadline.account.v1",
    "subject": "ACC-1", "time": "2026-03-01T00:00:00Z",
    "data": {"name": "Aurora", "kam": {"id": "kam-linh", "name": "Nguyen Thuy Linh"}},
}  # fmt: skip


def test_the_version_is_that_of_the_package(cli):
    ran = cli("--version")
    assert (ran.code, ran.out) == (0, f"leadline {version('leadline')}\n")


def test_a_key_for_a_kam_whom_no_account_names_says_which_kams_there_are(cli, tmp_path):
    cli("migrate")
    alone = cli("keys", "create", "--role", "kam", "--kam", "no such")
    assert (alone.code, "no account names 'no such' as its KAM yet" in alone.err) == (0, True)
    assert "KAMs with accounts" not in alone.err
    (tmp_path / "accounts.jsonl").write_text(json.dumps(EVENT) + "\n")
    assert cli("import", tmp_path / "accounts.jsonl", "--map", "leadline").code == 0
    slip = cli("keys", "create", "--role", "kam", "--kam", "kam-lin")
    assert (slip.code, slip.out.count("\n")) == (0, 1)
    assert "KAMs with accounts are kam-linh (Nguyen Thuy Linh)" in slip.err
    fits = cli("keys", "create", "--role", "kam", "--kam", "kam-linh")
    assert "names" not in fits.err


@pytest.mark.parametrize("blank", ["  ", "\u200b"])
def test_a_key_for_a_blank_kam_is_wrong_usage(cli, blank):
    slip = cli("keys", "create", "--role", "kam", "--kam", blank)
    assert slip.code == 2
    assert "add --kam KAM_ID" in slip.err
