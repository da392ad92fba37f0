"""One run of a procedure: its summary, said at once, and whether it passed."""

import json
import time
import traceback

from tests.chaos.registry import PROCEDURES


def run(name, size, seed):
    """Run one procedure; a run that breaks off, for whatever reason, is a summary too."""
    begun = time.perf_counter()
    try:
        summary = PROCEDURES[name](size, seed)
    except Exception as error:  # noqa: BLE001 - the others are still to run
        traceback.print_exc()
        summary = {"procedure": name, "seed": seed, "broke_off": repr(error)}
    summary["seconds"] = round(time.perf_counter() - begun, 1)
    print(json.dumps(summary), flush=True)  # noqa: T201
    return summary


def passed(summary):
    """Return whether nothing was lost, doubled or changed."""
    return not any(summary.get(k, 1) for k in ("lost", "doubled", "differing"))
