"""`python -m services.signals.train --data DIR`: fit the shipped loss model and measure it.

Reads every `*.events.csv.gz` below DIR (`account_id,event_time,event_type,amount`; bookings only)
and writes the artifact with its manifest. The protocol is a rolling origin: cutoffs at month
starts, only events strictly before the cutoff visible, training rows only from windows that had
closed. Two figures are measured: `rolling` (trained on the closed windows of the set and all of
the other sets) and `unseen` (the set left out of training altogether).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from services.signals.training.fit import train


def main() -> int:
    """Run the training with the command line's options; return the exit code."""
    parser = argparse.ArgumentParser(prog="services.signals.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory with the event files")
    parser.add_argument("--out", type=Path, required=True, help="artifact (JSON) to write")
    parser.add_argument("--version", default=None, help="name of the model; default: the file's")
    options = parser.parse_args()
    if not any(options.data.rglob("*.events.csv.gz")):
        sys.stderr.write(f"no *.events.csv.gz below {options.data}: give another --data\n")
        return 1
    train(options.data, options.out, options.version or options.out.stem)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
