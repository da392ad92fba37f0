"""What a person sees while the demo starts: one line per stage, and a moving one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from services.cli.common import progress_bar

Advance = Callable[[float, str], None]
"""Takes the fraction done, and a note."""


class Stages:
    """Says stages on stderr; results alone go to stdout."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)

    def done(self, name: str, text: str) -> None:
        """Say that a stage is done."""
        mark = "[green]✓[/green]" if self._console.is_terminal else "✓"
        self._console.print(f"  {mark} {name:<9} {text}", markup=True, soft_wrap=True)

    def note(self, text: str) -> None:
        """Say something plainly."""
        self._console.print(text, markup=False, soft_wrap=True)

    @contextmanager
    def moving(self, name: str) -> Iterator[Advance]:
        """Show progress; a terminal sees a bar, a file nothing."""
        with progress_bar(f"    {name:<9}") as bar:
            task = bar.task_ids[0]
            yield lambda fraction, note: bar.update(task, completed=fraction, note=note)
