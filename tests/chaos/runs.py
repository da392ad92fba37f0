"""One run of a procedure: its summary, said at once, and whether it passed."""

import gc
import json
import resource
import time
import traceback

from tests.chaos.registry import PROCEDURES
from tests.support import process


def begin(parent):
    """Bind a worker to its parent; it keeps millions of records, and none of them in a cycle.

    Looking through them for cycles again and again took two fifths of a verdict's time.
    """
    process.die_with(parent)
    gc.set_threshold(100_000, 100, 100)


def run(name, size, seed):
    """Run one procedure; a run that breaks off, for whatever reason, is a summary too.

    `cpu_s` counts all that this process and those that it has waited for have used: it is the run's
    own where each has a process, as by `make chaos`.
    """
    begun = time.perf_counter()
    try:
        summary = PROCEDURES[name](size, seed)
    except Exception as error:  # noqa: BLE001 - the others are still to run
        traceback.print_exc()
        summary = {"procedure": name, "seed": seed, "broke_off": repr(error)}
    summary["seconds"] = round(time.perf_counter() - begun, 1)
    summary["cpu_s"] = round(
        sum(map(_cpu_seconds, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
    )
    print(json.dumps(summary), flush=True)  # noqa: T201
    return summary


def _cpu_seconds(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def passed(summary):
    """Return whether nothing was lost, doubled or changed."""
    return not any(summary.get(k, 1) for k in ("lost", "doubled", "differing"))
