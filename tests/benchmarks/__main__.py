"""Run benchmarks: all, or those named. One JSON object on stdout, progress on stderr.

`make bench`, `make bench ARGS="--quick"`, `make bench ARGS="ingest --rounds 5"`. What follows a
single name goes to that benchmark; `--help` behind it shows what it takes. README.md beside
this file says how to read the figures.
"""

import json
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.machine import machine_facts

HERE = Path(__file__).parent
NAMES = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def main(arguments):
    names = [each for each in arguments if each in NAMES]
    options = [each for each in arguments if each not in NAMES]
    if (options and options != ["--quick"] and len(names) != 1) or "--help" in options[:1]:
        alone = names if len(names) == 1 else None
        if not alone:
            print(__doc__, f"Benchmarks: {', '.join(NAMES)}", file=sys.stderr)  # noqa: T201
            return 0 if "--help" in options else 2
    found, failed = {"machine": machine_facts()}, []
    for name in names or NAMES:
        print(f"== {name}", file=sys.stderr)  # noqa: T201 - progress
        command = [sys.executable, "-m", f"tests.benchmarks.bench_{name}", *options]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            failed.append(name)
        elif "--help" in options:
            print(done.stdout)  # noqa: T201
            return 0
        else:
            found[name] = json.loads(done.stdout)
    print(json.dumps(found | {"failed": failed}, indent=1))  # noqa: T201 - the result
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
