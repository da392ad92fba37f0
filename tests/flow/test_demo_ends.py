"""How a demo ends otherwise than by `--check`: stopped, failed, or not begun at all."""

import re
import signal
import threading
from contextlib import closing
from urllib.parse import quote

import pytest

from services.cli.common import CommandError
from services.cli.one_process import only_process
from services.cli.product import Product
from shared.runtime.settings import Settings
from shared.store.session import Database
from tests.support.cli import Cli
from tests.support.factories import FixedClock
from tests.support.waiting import eventually


def test_stopped_while_it_plays_it_does_not_say_that_it_has_played(tmp_path):
    with Cli(tmp_path).started("demo", "--data", tmp_path / "kept") as demo:
        eventually(lambda: "in-process Kafka" in demo.err(), timeout_s=60, what="the broker")
        demo.send_signal(signal.SIGINT)

        assert demo.wait(60) == 1
        assert "leadline: stopped before everything was played" in demo.err()
        assert demo.out() == ""


def test_one_folder_holds_one_demo_at_a_time(tmp_path):
    folder = tmp_path / "kept? 50%20"
    folder.mkdir()
    url = f"sqlite:///{quote(str(folder / 'leadline.db'))}"
    with closing(Database(url)) as database, only_process(database):
        ran = Cli(tmp_path)("demo", "--check", "--data", folder)

    assert ran.code == 1
    assert re.search(rf"runs on {re.escape(str(folder))}/leadline.db already", ran.err)


def fails():
    raise OSError("disk full")


def test_a_service_that_ends_by_itself_ends_the_wait_for_a_stop(tmp_path):
    settings = Settings(database_url=f"sqlite:///{tmp_path}/kept.db")
    with closing(Database(settings.database_url)) as database:
        product = Product(settings, database, FixedClock())
        product.begin("writing", fails)

        with pytest.raises(CommandError, match="a service ended: OSError"):
            product.wait(threading.Event())
