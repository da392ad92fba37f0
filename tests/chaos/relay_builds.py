"""`python -m tests.chaos.relay_builds`: signals with a relay that remembers a position by id."""

import argparse
import sys

from services.signals import __main__ as signals
from services.signals import outbox
from shared.runtime.process import start


def without_late_commits():
    """Poll by `id >`: a row that commits after a greater id is passed over for ever."""
    waiting = outbox.waiting
    seen = [0]

    def beyond(connection, limit):
        rows = [row for row in waiting(connection, 10 * limit) if row.id > seen[0]][:limit]
        if rows:
            seen[0] = rows[-1].id
        return rows

    outbox.waiting = beyond


CONTROLS = {"late-commits": without_late_commits}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without", nargs="*", default=[], choices=CONTROLS)
    for name in parser.parse_args().without:
        CONTROLS[name]()
    return start("signals", signals.run)


if __name__ == "__main__":
    sys.exit(main())
