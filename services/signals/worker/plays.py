"""How an alert becomes a run: from the library's words to rows."""

from __future__ import annotations

from collections.abc import Sequence

from services.signals.alerting.account import AccountView
from services.signals.alerting.alert import Alert
from services.signals.playbooks.library import FALLBACK, Library
from services.signals.playbooks.runs import PastRun, refusal, start_run
from services.signals.store.runs import StartedRun, started_rows


class LibraryPlays:
    """Chooses from a library, and starts its plays within their guards."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def choose(self, alert: Alert, account: AccountView) -> str:
        """Return the playbook for an alert."""
        return self._library.choose_id(alert, account)

    def is_called(self, playbook: str) -> bool:
        """Return whether a play does not count as the account's active run."""
        known = self._library.playbooks.get(playbook)
        return known is not None and known.called

    def start(
        self,
        alert: Alert,
        account: AccountView,
        row_id: int,
        past: Sequence[PastRun],
        now: int,
        planned_at: int | None = None,
        coverage: float = 1.0,
    ) -> StartedRun | None:
        """Return the run that an alert triggers; None where a guard refuses it."""
        name = alert.playbook if alert.playbook in self._library.playbooks else FALLBACK
        playbook = self._library[name]
        if refusal(playbook, past, now, coverage=coverage) is not None:
            return None
        run = start_run(playbook, alert, account, now, planned_at=planned_at)
        return started_rows(run, row_id)
