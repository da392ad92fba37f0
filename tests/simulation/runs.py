"""Running seeds: many for failures, one aloud."""

import logging
import sys
from contextlib import contextmanager

import structlog

from tests.simulation.database import BrokenPromiseError
from tests.simulation.world import World


@contextmanager
def silence():
    """Let the loops say nothing: what they say in ten thousand seeds nobody reads."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


def outcome(seed, build=None, hit=None):
    """Run a seed; return its trace, and the promise that it breaks or None."""
    world = World(seed, build, hit)
    try:
        world.run()
    except BrokenPromiseError as error:
        return world.trace, str(error)
    return world.trace, None


def failures(seeds, build=None, hit=None, *, at_most=None, aloud=True):
    """Return the seeds that break a promise, each said at once with the command to replay it."""
    failed = {}
    with silence():
        for seed in seeds:
            _, promise = outcome(seed, build, hit)
            if promise is not None:
                failed[seed] = promise
            if promise is not None and aloud:
                again = f"python -m tests.simulation --seed {seed}"
                sys.stderr.write(f"seed {seed}: {promise}\n  again: {again}\n")
            if at_most is not None and len(failed) >= at_most:
                break
    return failed


def replay(seed):
    """Show what happened in a seed; return 1 when it breaks a promise."""
    with silence():
        trace, promise = outcome(seed)
    for line in trace:
        sys.stdout.write(" ".join(map(str, line)) + "\n")
    sys.stdout.write(f"seed {seed}: {promise or 'every promise is kept'}\n")
    return int(promise is not None)
