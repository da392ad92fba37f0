import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PROGRAM = """
from shared.runtime.lifecycle import stop_on_signals
from shared.runtime.logging import configure_logging
configure_logging()
stop = stop_on_signals()
print("ready", flush=True)
stop.wait()
print("draining", flush=True)
{drain}
print("drained", flush=True)
"""


def started(drain):
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(drain=drain)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
    )
    assert child.stdout.readline() == "ready\n"
    return child


def test_two_signals_in_one_breath_are_one_request():
    with started("import time; time.sleep(0.5)") as child:
        child.send_signal(signal.SIGTERM)
        child.send_signal(signal.SIGTERM)

        assert child.stdout.read() == "draining\ndrained\n"
        assert child.wait(10) == 0


def test_asking_again_ends_a_process_that_hangs():
    with started("import threading; threading.Event().wait()") as child:
        child.send_signal(signal.SIGTERM)
        assert child.stdout.readline() == "draining\n"

        time.sleep(1.2)
        child.send_signal(signal.SIGTERM)

        assert child.wait(10) == 128 + signal.SIGTERM
