"""The `leadline` command as a person runs it."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from services.cli.__main__ import main
from tests.support import nursery

PRELOADED = "tests.support.preloaded"


class Ran:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Running:
    """A command that has begun."""

    def __init__(self, child: nursery.Child, out: Path, err: Path) -> None:
        self.wait, self.send_signal = child.wait, child.send_signal
        self.out, self.err = out.read_text, err.read_text


class Cli:
    """Runs commands in a folder of its own, with a SQLite file in it.

    Each is a process, forked from one that has the imports behind it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
        self.environ |= {"LEADLINE_DATABASE_URL": f"sqlite:///{folder / 'cli.db'}"}

    def __call__(self, *args: object, timeout: float = 180, **environ: str) -> Ran:
        with self.started(*args, **environ) as running:
            return Ran(running.wait(timeout), running.out(), running.err())

    @contextmanager
    def started(self, *args: object, **environ: str) -> Iterator[Running]:
        """Begin a command; it is killed at the end, if it still runs."""
        with TemporaryDirectory(prefix="leadline-cli-") as place:
            out, err = Path(place, "out"), Path(place, "err")
            command = (PRELOADED, *map(str, args))
            child = nursery.start(command, err, self.environ | environ, out, self.folder)
            try:
                yield Running(child, out, err)
            finally:
                child.send_signal(signal.SIGKILL)


class Here:
    """Runs the command in this process: starting Python thirty times would take a minute."""

    def __init__(self, folder, monkeypatch, capsys):
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys

    def __call__(self, *args):
        self._monkeypatch.chdir(self.folder)
        self._monkeypatch.setattr(sys, "argv", ["leadline", *map(str, args)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        said = self._capsys.readouterr()
        return Ran(code, said.out, said.err)
