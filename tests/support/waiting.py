"""Wait for what a running program will do, with a limit."""

import time


def eventually(answer, *, timeout_s=30, pause_s=0.1, what="it"):
    """Call `answer` until it returns something true; return that."""
    deadline = time.perf_counter() + timeout_s
    while True:
        found = answer()
        if found:
            return found
        assert time.perf_counter() < deadline, f"{what} did not come about in {timeout_s} s"
        time.sleep(pause_s)
