"""`python -m services.signals.train --data DIR`: fit the shipped prior and measure it.

Reads every `*.events.csv.gz` below DIR (`account_id,event_time,event_type,amount`; bookings only)
and writes the prior with its manifest, and one prior per set left out. The protocol is a rolling
origin: cutoffs at month starts, only events strictly before the cutoff visible, training rows
only from windows that had closed. Two figures are measured for every set, both with the prior
that never saw it: `unseen` (the prior alone) and `rolling` (blended with the local model of the
set's own closed windows).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.signals.hazard.model import ARTIFACTS, SHIPPED_VERSION
from services.signals.training.fit import train


def main() -> int:
    """Run the training with the command line's options; return the exit code."""
    parser = argparse.ArgumentParser(prog="services.signals.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory with the event files")
    parser.add_argument("--out", type=Path, default=ARTIFACTS, help="directory for the artifacts")
    parser.add_argument("--version", default=SHIPPED_VERSION, help="name of the model")
    options = parser.parse_args()
    if len(list(options.data.rglob("*.events.csv.gz"))) < 2:
        sys.stderr.write(
            f"fewer than 2 *.events.csv.gz below {options.data}: give another --data\n"
        )
        return 1
    train(options.data, options.out, options.version)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
