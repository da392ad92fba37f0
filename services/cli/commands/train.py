"""`leadline train`."""

from __future__ import annotations

from services.cli.common import CommandError, open_database, print_json, progress_bar, settings_of
from services.signals.training.local_train import InsufficientDataError
from services.signals.upkeep.promotion import AlreadyTrainedError, Decision, run_training
from shared.runtime.clock import WallClock


def run_train(*, dry_run: bool, again: bool, as_json: bool) -> None:
    """Fit, judge, decide; print the card. A refused candidate is exit code 1, also in a dry run."""
    settings = settings_of()
    with open_database(settings) as database, progress_bar("train") as bar:
        task = bar.task_ids[0]
        try:
            decision = run_training(
                database,
                WallClock(),
                settings.clock,
                dry_run=dry_run,
                again=again,
                advance=lambda done, what: bar.update(task, completed=done, note=what),
            )
        except (InsufficientDataError, AlreadyTrainedError) as error:
            raise CommandError(str(error)) from error
    if as_json:
        print_json(_form(decision, dry_run=dry_run))
    else:
        print(decision.card)
    if not decision.promoted:
        what = "would not be" if dry_run else "is not"
        then = "nothing was stored" if dry_run else "it runs in shadow as challenger"
        raise CommandError(
            f"{decision.version} {what} promoted, {decision.incumbent} goes on; {decision.reason};"
            f" {then}"
        )


def _form(decision: Decision, *, dry_run: bool) -> dict[str, object]:
    return {
        "version": decision.version,
        "incumbent": decision.incumbent,
        "promoted": decision.promoted and not dry_run,
        "would_promote": decision.promoted,
        "reason": decision.reason,
        "comparison": decision.comparison._asdict(),
    }
