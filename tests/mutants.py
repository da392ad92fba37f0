"""What the last `mutmut run` found: survivors, figures, and whether they are good enough."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

ENOUGH = 0.85
MUTMUT = Path(sys.executable).with_name("mutmut")


def main():
    listed = subprocess.run(
        [MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True
    )
    found = [line.split(": ") for line in listed.stdout.splitlines() if ": " in line]
    counts = Counter(state for _, state in found)
    for name, state in found:
        if state != "killed":
            sys.stdout.write(f"{state}: {name.strip()}\n")
    killed = counts["killed"] / max(1, counts.total())
    sys.stdout.write(f"{counts['killed']} of {counts.total()} killed: {killed:.1%}\n")
    return 0 if killed >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
