"""T26: the database is lost; an older backup takes its place, offsets and facts alike."""

import subprocess

from tests.chaos.arena import Arena
from tests.chaos.product import intake, retire
from tests.support.postgres import postgres_bin

ACCOUNTS = 20_000
"""So many that new ones come all the time."""


def restore(size, seed):
    """Back up under load, restore, go on: with ingest stopped meanwhile, then with it running.

    Where it runs, accounts that came since the backup get other row ids than it has in mind.
    """
    count = size.of(1_000, 20_000, 200_000)
    with Arena("T26", seed, rate=200, stream={"accounts": ACCOUNTS}) as arena:
        intake(arena, "before")
        arena.load.send_next(count)
        arena.load.start()
        arena.progressed("start")
        backup = _backup(arena)
        retire(arena)
        arena.lose_database()
        arena.fault("database lost")
        _into(arena, arena.direct_url, backup)
        intake(arena, "after")
        arena.progressed("restored")
        backup = _backup(arena)
        beside = arena.postgres.url("beside")
        arena.change_database("CREATE DATABASE beside")
        _into(arena, beside, backup)
        arena.progressed("restored beside")
        arena.postgres.replace_database(arena.direct_url, beside)
        arena.fault("database replaced")
        arena.progressed("replaced")
        return arena.verdict()


def _backup(arena):
    """Back up and let new facts follow; return the file."""
    backup = arena.folder / "backup"
    _run(arena, "pg_dump", "--format=custom", f"--file={backup}", arena.direct_url)
    arena.progressed("backup")
    return backup


def _into(arena, url, backup):
    _run(arena, "pg_restore", "--no-owner", f"--dbname={url}", backup)


def _run(arena, program, *arguments):
    subprocess.run([postgres_bin() / program, *arguments], check=True, cwd=arena.folder)
