"""T22: the schema goes one revision back and forward again while records and requests come."""

import re

from tests.chaos.arena import Arena
from tests.chaos.posting import Poster
from tests.chaos.product import intake, leadline, retire, scoring, serving, verdict


def migrations(size, seed):
    """Take the newest revision back, as after a bad release, and bring it out again."""
    with Arena("T22", seed, rate=400) as arena, Poster(arena, serving(arena)) as poster:
        api = arena.members["api"]
        _release(arena)
        poster.start()
        arena.load.start()
        arena.progressed("start")
        for _ in range(size.of(1, 5, 20)):
            retire(arena, "ingest", "signals")
            api.stop()
            newest = int(_schema(leadline(arena, "migrate")))
            older = f"{newest - 1:04d}"
            assert _schema(leadline(arena, "migrate", "--to", older)) == older
            arena.fault("schema taken back")
            leadline(arena, "migrate")
            arena.fault("schema migrated")
            api.start()
            _release(arena)
            arena.progressed("migrated")
        poster.stop()
        errors = {status for status in poster.answers if isinstance(status, int) and status >= 500}
        for status in errors:
            arena.findings.note("differing", f"{poster.answers[status]} answers {status}")
        return verdict(arena) | {"posted": len(arena.posted), **poster.summary()}


def _release(arena):
    intake(arena, "ingest")
    scoring(arena)


def _schema(said):
    """Return the revision that the command says the database has now."""
    return re.search(r"(\d{4})(?!.*\d{4})", said)[1]
