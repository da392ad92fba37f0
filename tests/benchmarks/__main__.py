"""Run every benchmark of this folder in turn: `make bench`, or one: `make bench ARGS=ingest`."""

import subprocess
import sys
from pathlib import Path


def main():
    chosen = sys.argv[1:]
    failed = []
    for path in sorted(Path(__file__).parent.glob("bench_*.py")):
        name = path.stem.removeprefix("bench_")
        if chosen and name not in chosen:
            continue
        print(f"== {name}", file=sys.stderr)  # noqa: T201 - progress
        if subprocess.run(
            [sys.executable, "-m", f"tests.benchmarks.{path.stem}"], check=False
        ).returncode:
            failed.append(name)
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main())
