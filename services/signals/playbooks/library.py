"""The library of playbooks: YAML files, validated, and the choice of the play for an alert."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import get_args

import msgspec

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Alert
from services.signals.playbooks.conditions import Rule, context
from services.signals.playbooks.playbook import Playbook
from shared.domain.bands import band_rank

FALLBACK = "slowdown_check"
"""The play of an alert that no trigger matches: an alert cannot open without one."""


class LibraryError(ValueError):
    """A playbook file is wrong: names the file, the field and what is allowed."""


class Library:
    """Playbooks by id, the newest version of each, with their compiled conditions."""

    def __init__(self, playbooks: Iterable[Playbook]) -> None:
        self.playbooks: dict[str, Playbook] = {}
        for one in playbooks:
            known = self.playbooks.get(one.id)
            if known is None or one.version >= known.version:
                self.playbooks[one.id] = one
        if FALLBACK not in self.playbooks:
            raise LibraryError(f"the library has no playbook {FALLBACK!r}, the last resort")
        self._rules = {one.id: Rule(one.trigger.when) for one in self.playbooks.values()}
        self._order = sorted(
            self.playbooks.values(), key=lambda one: (one.trigger.priority, one.id)
        )

    def __getitem__(self, playbook_id: str) -> Playbook:
        """Return the playbook; raises KeyError for an unknown one."""
        return self.playbooks[playbook_id]

    def choose(self, alert: Alert, account: AccountView) -> Playbook:
        """Return the first play, by priority, whose trigger matches; else the last resort."""
        given = context(alert, account)
        for one in self._order:
            if _matches(one, alert, account) and self._rules[one.id].holds(given):
                return one
        return self.playbooks[FALLBACK]

    def choose_id(self, alert: Alert, account: AccountView) -> str:
        """Return the id of the chosen play, as the alert fold wants it."""
        return self.choose(alert, account).id


def load_library(*folders: Path | None) -> Library:
    """Return the shipped playbooks and those of the extra folders, which add or override by id.

    Raises LibraryError naming file and field.
    """
    found = _read_all(_shipped())
    for folder in folders:
        if folder is None:
            continue
        if not folder.is_dir():
            raise LibraryError(f"{folder}: is no folder")
        files = sorted(path for path in folder.iterdir() if path.suffix in {".yaml", ".yml"})
        for path in files:
            one = read_playbook(path.name, path.read_bytes())
            found[one.id] = one
    return Library(found.values())


def read_playbook(name: str, text: bytes) -> Playbook:
    """Return the playbook in a file's text; raises LibraryError naming `name` and the field."""
    try:
        playbook = msgspec.yaml.decode(text, type=Playbook)
    except msgspec.ValidationError as error:
        raise LibraryError(f"{name}: {_explained(str(error))}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LibraryError(f"{name}: is no YAML: {str(error).splitlines()[0]}") from error
    for field, problem in _problems(playbook):
        raise LibraryError(f"{name}: {field}: {problem}")
    return playbook


def _problems(playbook: Playbook) -> Iterable[tuple[str, str]]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", playbook.id):
        yield "id", f"{playbook.id!r} must be lower-case letters, digits and _"
    if playbook.version < 1:
        yield "version", "must be 1 or more"
    if not playbook.steps:
        yield "steps", "must have at least one step"
    if not playbook.outcomes:
        yield "outcomes", "must have at least one outcome"
    seen: set[str] = set()
    for at, step in enumerate(playbook.steps):
        if step.id in seen:
            yield f"steps[{at}].id", f"{step.id!r} is there twice"
        if step.due < 0:
            yield f"steps[{at}].due", "must be 0 or more business days"
        if step.hours is not None and step.hours < 1:
            yield f"steps[{at}].hours", "must be 1 or more hours"
        seen.add(step.id)
    try:
        Rule(playbook.trigger.when)
    except ValueError as error:
        yield "trigger.when", str(error)


def _matches(playbook: Playbook, alert: Alert, account: AccountView) -> bool:
    trigger = playbook.trigger
    if alert.type not in trigger.types:
        return False
    if trigger.reasons and alert.reason_code not in trigger.reasons:
        return False
    if trigger.min_band is not None and band_rank(alert.band) < band_rank(trigger.min_band):
        return False
    if trigger.tiers and (account.tier or "") not in trigger.tiers:
        return False
    return trigger.scope is None or trigger.scope == alert.scope.get("kind")


def _explained(message: str) -> str:
    """Return msgspec's message with the field in front and, for a wrong word, those allowed."""
    text, _, path = message.partition(" - at `$")
    field = path.rstrip("`").lstrip(".") or "(file)"
    allowed = _ALLOWED.get(re.sub(r"\[.*\]", "", field).rpartition(".")[2])
    return f"{field}: {text}" + (f"; allowed: {', '.join(allowed)}" if allowed else "")


def _choices() -> dict[str, tuple[str, ...]]:
    from services.signals.playbooks import playbook as words  # noqa: PLC0415 - names of its types

    return {
        "kind": get_args(words.Kind),
        "role": get_args(words.Role),
        "min_band": get_args(words.Band),
        "types": get_args(words.AlertType),
        "outcomes": get_args(words.Outcome),
        "scope": ("account", "lane", "ticket", "contact"),
    }


_ALLOWED = _choices()


def _shipped() -> Iterable[tuple[str, bytes]]:
    folder = resources.files("services.signals.playbooks") / "library"
    files = sorted(folder.iterdir(), key=lambda one: one.name)
    return [(one.name, one.read_bytes()) for one in files if one.name.endswith(".yaml")]


def _read_all(files: Iterable[tuple[str, bytes]]) -> dict[str, Playbook]:
    read = [read_playbook(name, text) for name, text in files]
    return {one.id: one for one in read}
