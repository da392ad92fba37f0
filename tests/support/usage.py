"""What processes use, from /proc: CPU in ticks of 10 ms, memory as resident and proportional."""

import os
from pathlib import Path
from typing import NamedTuple

from tests.support.process import children

TICKS = os.sysconf("SC_CLK_TCK")


class Memory(NamedTuple):
    """Megabytes; PSS shares out pages that several processes have in common."""

    rss_mb: float
    pss_mb: float


def cpu_seconds(pid):
    """Return user and system time of a process with its children, dead ones included.

    Zero once it is gone.
    """
    return _own(pid) + sum(_own(child) for child in children(pid))


def _own(pid):
    """Return the time of one process and of the children that it has reaped."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / TICKS


def memory(pid):
    """Return the memory of one process."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in {"Rss", "Pss"}:
            found[name] = round(int(value.split()[0]) / 1024, 1)
    return Memory(found["Rss"], found["Pss"])
