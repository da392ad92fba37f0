"""Every command of api, intake and playbook runs, each with what it must leave: all or nothing.

A command gets a number, so that what one call wrote is told from what another wrote.
"""

import json
from collections import Counter
from datetime import timedelta

from services.api import commands
from services.api.answers import Answer
from services.api.commands import Act, Repeatable
from services.api.keys import create_key, find_principal, list_keys, note_use, revoke_key
from services.ingest.intake import EventIntake
from services.ingest.replay import DeadLetterReplay
from services.signals.runs import RunCommands
from shared.store.tables import AlertActionRow
from tests.chaos import readings
from tests.support.cloudevents import booking
from tests.support.factories import NOW, FixedClock

LATER = NOW + timedelta(hours=3)
BODY = b'{"done": true}'
NO_EVENT, REFUSED = b"no event %d", b"refused %d"
PLAY = "value_dossier"


class Writes:
    """The commands over one database, and the rows that some of them need beforehand."""

    def __init__(self, database, make, numbers):
        self.database, self.make = database, make
        clock, later = FixedClock(), FixedClock(LATER)
        self.clock = clock
        self.intake = EventIntake(database, clock)
        self.replays = DeadLetterReplay(database, later)
        self.runs = RunCommands(database, clock)
        self.make.account("W-1")
        self.make.score("W-1")
        self.make.bookings("W-1", [2, 2])
        self.make.alert("W-alert", "W-1")
        self.keys = {}
        for number in numbers:
            self.make.run(f"W-{number}", "W-1")
            self.make.run(f"C-{number}", "W-1")
            self.make.alert(f"F-{number}", "W-1")
            self.make.run(f"F-{number}", "W-1", alert_id=f"F-{number}")
            resolved = {"kind": "resolve", "actor": "kam-a", "at": NOW, "outcome": "false_alarm"}
            self.make.add(AlertActionRow, alert_id=f"F-{number}", **resolved)
            self.keys[number] = create_key(database, clock, role="viewer").key_id
            for name in ("K", "L"):
                assert commands.claim(database, self._repeat(f"{name}-{number}")).answer is None
        early = [self.early(number) for number in numbers]
        self.intake.accept(early)
        found = sorted(self.replays.pending())[-len(numbers) :]  # the last to come
        self.letters = dict(zip(numbers, found, strict=True))

    @staticmethod
    def early(number):
        """A booking that comes before its time, by more than the five minutes granted."""
        return booking(f"R-{number}", id=f"R-{number}", account=f"R-{number}", at=LATER)

    # Each method below is one command; by its own name.

    def accept(self, number):
        events = [
            booking(f"A-{number}-{side}", id=f"A-{number}-{side}", account=f"A-{number}-{side}")
            for side in ("a", "b")
        ]
        return self.intake.accept([*events, NO_EVENT % number])

    def reject(self, number):
        self.intake.reject(REFUSED % number, "not_json", "at byte 0")

    def replay(self, number):
        return self.replays.replay(self.letters[number])

    def pending(self, number):
        return list(self.replays.pending())

    def answer_once(self, number):
        def work(connection):
            commands.lock_alert(connection, "W-alert")
            alert = {"alert_id": "W-alert", "state": "open"}
            act = Act("snooze", "kam-a", NOW, until=LATER, reason=f"S-{number}")
            assert commands.act_on_alert(connection, alert, act)
            return Answer(BODY, 200, {})

        return commands.answer_once(self.database, self._repeat(f"S-{number}"), work)

    def kept_answer(self, number):
        return commands.kept_answer(self.database, self._repeat(f"nobody-{number}"))

    def keep_answer(self, number):
        commands.keep_answer(self.database, self._repeat(f"K-{number}"), Answer(BODY, 200, {}))

    def claim(self, number):
        assert commands.claim(self.database, self._repeat(f"H-{number}")).answer is None

    def release(self, number):
        commands.release(self.database, self._repeat(f"L-{number}"))

    def forget_answers(self, number):
        return commands.forget_answers(self.database, NOW)

    def create_key(self, number):
        create_key(self.database, self.clock, role="kam", kam=f"key-{number}")

    def list_keys(self, number):
        return list_keys(self.database)

    def find_principal(self, number):
        return find_principal(self.database, "ll_nobody_has_this", NOW)

    def note_use(self, number):
        assert note_use(self.database, self.keys[number], NOW, timedelta(hours=1))

    def revoke_key(self, number):
        assert revoke_key(self.database, self.clock, self.keys[number])

    def playbooks(self, number):
        return self.runs.playbooks()

    def start_run(self, number):
        self.runs.start_run(PLAY, "W-1", actor="kam-a", key=f"start-{number}")

    def complete_task(self, number):
        self.runs.complete_task(f"W-{number}", "call", actor="kam-a")

    def close_run(self, number):
        self.runs.close_run(f"C-{number}", "completed", "done", actor="kam-a")

    def end_runs_of(self, number):
        self.runs.end_runs_of(f"F-{number}")

    @staticmethod
    def _repeat(key):
        return Repeatable("k1", key, "digest", NOW)


COMMANDS = (
    "accept", "reject", "replay", "pending", "answer_once", "kept_answer", "keep_answer",
    "claim", "release", "forget_answers", "create_key", "list_keys", "find_principal", "note_use",
    "revoke_key", "playbooks", "start_run", "complete_task", "close_run", "end_runs_of",
)  # fmt: skip
INSIDE_ANSWER_ONCE = {"act_on_alert", "lock_alert"}
"""Parts of that one's transaction."""
AROUND = {"end_runs"}
"""Calls `end_runs_of`, and leaves it to the worker when it fails."""


class Found:
    """What lies in the database after the calls."""

    def __init__(self, rows):
        """`rows` runs a statement and returns its rows."""
        self._rows = rows
        self._facts = readings.state(rows)
        self.events = {event_id for _, event_id in self._facts["ledger"]}
        self.letters = {
            bytes(value): replayed is not None
            for value, replayed in rows("SELECT value, replayed_at FROM dead_letter")
        }
        self.snoozes = self._column("SELECT reason FROM alert_action")
        self.answers = self._column("SELECT key FROM idempotency WHERE status > 0")
        self.claims = self._column("SELECT key FROM idempotency WHERE status = 0")
        self.keys = self._column("SELECT kam_id FROM api_key")
        self.used = self._column("SELECT key_id FROM api_key WHERE last_used_at IS NOT NULL")
        self.revoked = self._column("SELECT key_id FROM api_key WHERE revoked_at IS NOT NULL")
        self.done = self._column("SELECT run_id FROM run_action WHERE kind = 'complete_task'")
        self.closed = self._column("SELECT run_id FROM run_action WHERE kind = 'close'")
        self.runs = dict(rows("SELECT trigger_key, run_id FROM playbook_run"))
        self.tasks = self._column("SELECT run_id FROM run_task")
        bodies = self._column("SELECT body FROM signal_outbox WHERE kind = 'run'")
        self.told = {json.loads(bytes(body))["data"]["run_id"] for body in bodies}

    def _column(self, statement):
        return {row[0] for row in self._rows(statement)}

    def parts(self, name, number, writes):
        """Return which of the things that one call writes are there, as booleans.

        All or none of them: otherwise the call was half applied.
        """
        run = self.runs.get(f"call:W-1:{PLAY}:start-{number}")
        left = {
            "accept": lambda: [
                f"A-{number}-a" in self.events,
                f"A-{number}-b" in self.events,
                NO_EVENT % number in self.letters,
            ],
            "reject": lambda: [REFUSED % number in self.letters],
            # Two transactions by design: repeating it heals what was left between them.
            "replay": lambda: (
                [f"R-{number}" in self.events] * (1 + self.letters[writes.early(number)])
            ),
            "answer_once": lambda: [f"S-{number}" in self.snoozes, f"S-{number}" in self.answers],
            "keep_answer": lambda: [f"K-{number}" in self.answers],
            "claim": lambda: [f"H-{number}" in self.claims],
            "release": lambda: [f"L-{number}" not in self.claims],
            "create_key": lambda: [f"key-{number}" in self.keys],
            "note_use": lambda: [writes.keys[number] in self.used],
            "revoke_key": lambda: [writes.keys[number] in self.revoked],
            "complete_task": lambda: [f"W-{number}" in self.done],
            "close_run": lambda: [f"C-{number}" in self.closed],
            "end_runs_of": lambda: [f"F-{number}" in self.closed],
            "start_run": lambda: [run is not None, run in self.tasks, run in self.told],
        }
        return left[name]() if name in left else []

    def sums_that_differ(self):
        """Return the accounts whose aggregate is not the number of their bookings."""
        stored = Counter(rows[0][1] for rows in self._facts["ledger"].values())
        summed = Counter()
        for (account, _day), (_demand, business, *_rest) in self._facts["bookings"].items():
            summed[account] += business
        ours = {account for account in stored | summed if account.startswith(("A-", "R-"))}
        return sorted(account for account in ours if stored[account] != summed[account])

    def doubled(self):
        """Return what is there twice though it was written once."""
        once = {
            "dead_letter": "value", "alert_action": "reason",
            "run_action": "run_id", "api_key": "kam_id", "playbook_run": "trigger_key",
        }  # fmt: skip
        twice = [name for name, rows in self._facts["ledger"].items() if len(rows) > 1]
        return twice + [
            row
            for table, column in once.items()
            for row in self._rows(
                f"SELECT {column}, count(*) FROM {table} WHERE {column} IS NOT NULL"
                f" GROUP BY {column} HAVING count(*) > 1"
            )
        ]
