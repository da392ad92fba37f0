"""The `leadline` command as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from services.cli.__main__ import main

ROOT = Path(__file__).parents[2]


class Ran:
    """What a command did."""

    def __init__(self, done: subprocess.CompletedProcess[str]) -> None:
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


class Cli:
    """Runs commands in a folder of its own, with a SQLite file in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
        self.environ |= {
            "PYTHONPATH": str(ROOT),
            "LEADLINE_DATABASE_URL": f"sqlite:///{folder / 'cli.db'}",
        }

    def __call__(self, *args: object, timeout: float = 180, **environ: str) -> Ran:
        return Ran(
            subprocess.run(
                [sys.executable, "-m", "services.cli", *map(str, args)],
                cwd=self.folder,
                env=self.environ | environ,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        )


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
        return Ran(subprocess.CompletedProcess(args, code, said.out, said.err))
