"""The product's processes, as they are or with one thing made worse: `python -m ... FAULT up`.

The product has no switches for this. Each fault replaces one function before the process starts.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

# All that any command imports, so that it is there before the process is forked.
import services.api.__main__
import services.ingest.__main__
import services.signals.__main__  # noqa: F401
from services.cli import product
from services.cli.__main__ import main as leadline
from services.ingest import service
from services.ingest.decode import decoder
from services.ingest.decode.fact import Refused
from services.signals.worker.stepper import Stepper
from shared.kafka import clients
from shared.runtime.clock import WallClock
from tests.chaos import loop_probe

SHORT_SESSION_MS = 3_000
BUSY = "BUSY_SCORING"
FAULTS = {}


def fault(function):
    """Make a fault known under its function's name."""
    FAULTS[function.__name__] = function
    return function


@fault
def as_it_is():
    """Change nothing."""


@fault
def strict_decoder():
    """Yesterday's decoder: it took a booking of eight TEU for a slip of the pen."""
    checked = decoder.checked_payload

    def strict(kind, data, **options):
        payload = checked(kind, data, **options)
        if getattr(payload, "teu", None) == 8:
            raise Refused("number_out_of_range", "data.teu: 8 is too much")
        return payload

    decoder.checked_payload = strict


@fault
def busy_scoring():
    """Scoring that reckons for three session time-outs at every step, while a file is there."""
    step, wanted = Stepper.step, Path(os.environ[BUSY])

    def busy(self):
        until = time.perf_counter() + 3 * SHORT_SESSION_MS / 1000
        while time.perf_counter() < until and wanted.exists():
            sum(range(10_000))
        return step(self)

    Stepper.step = busy
    loop_probe.install()
    _short_sessions()


@fault
def wrong_clock():
    """The machine's clock, off by the seconds that a file says; it may say others later."""
    path, now = Path(os.environ["WRONG_CLOCK"]), WallClock.now
    WallClock.now = lambda self: now(self) + timedelta(seconds=float(path.read_text()))


def _short_sessions():
    """Be missed by the group sooner: what takes three sessions need not take half a minute."""
    for module in (product, service, clients):
        module.SESSION_TIMEOUT_MS = SHORT_SESSION_MS
    product.Product.__init__.__kwdefaults__["session_timeout_ms"] = SHORT_SESSION_MS
    service.IngestService.__init__.__kwdefaults__["session_timeout_ms"] = SHORT_SESSION_MS


def main():
    """Worsen, then run the command as the `leadline` script would."""
    name, *command = sys.argv[1:]
    FAULTS[name]()
    sys.argv = ["leadline", *command]
    leadline()


if __name__ == "__main__":
    main()
