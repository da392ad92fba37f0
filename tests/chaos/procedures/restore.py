"""T26: the database is lost; an older backup takes its place, offsets and facts alike."""

import subprocess

from tests.chaos.arena import Arena
from tests.chaos.product import intake, retire
from tests.support.postgres import postgres_bin


def restore(size, seed):
    """Back up under load, go on, lose everything, restore, go on."""
    count = size.of(1_000, 20_000, 200_000)
    with Arena("T26", seed, rate=200) as arena:
        intake(arena, "before")
        arena.load.send_next(count)
        arena.load.start()
        arena.progressed("start")
        backup = arena.folder / "backup"
        _run(arena, "pg_dump", "--format=custom", f"--file={backup}", arena.direct_url)
        arena.progressed("backup")
        retire(arena)
        arena.lose_database()
        arena.fault("database lost")
        _run(arena, "pg_restore", "--no-owner", f"--dbname={arena.direct_url}", backup)
        intake(arena, "after")
        arena.progressed("restored")
        return arena.verdict()


def _run(arena, program, *arguments):
    subprocess.run([postgres_bin() / program, *arguments], check=True, cwd=arena.folder)
