"""From the start of a process until it is ready: each service, the demo, the bare command.

Prints one JSON object of seconds, medians of several starts, with the CPU that each took.
"""

import argparse
import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

from shared.kafka.admin import apply_topics
from shared.runtime.settings import Settings
from tests.benchmarks.running import Service, servers
from tests.support import process
from tests.support.process import ROOT
from tests.support.usage import cpu_seconds

SERVICES = {"ingest": "metrics_port", "signals": "metrics_port", "api": "http_port"}


def service_start(name, settings):
    """Return seconds and CPU seconds until a service's /readyz says yes."""
    (port,) = process.free_ports(1)
    given = settings | {"metrics_port": 0, SERVICES[name]: port}
    begun = time.perf_counter()
    with Service(f"services.{name}", **given) as service:
        service.wait(lambda: ready(port), timeout_s=60)
        return time.perf_counter() - begun, cpu_seconds(service.pid)


def ready(port):
    with contextlib.suppress(OSError):
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).status == 200
    return False


def demo_start():
    """Return seconds and CPU seconds until the demo prints its URL."""
    rest = {k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "services.cli", "demo", "--data", folder]
        begun = time.perf_counter()
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder,
            env=rest | {"PYTHONPATH": str(ROOT), "LEADLINE_HTTP_PORT": "0"},
        ) as running:  # fmt: skip
            try:
                for line in running.stdout:
                    if "http://" in line:
                        break
                return time.perf_counter() - begun, cpu_seconds(running.pid)
            finally:
                process.stop(running)


def command_start():
    """Return seconds and CPU seconds of `leadline --help`."""
    begun, before = time.perf_counter(), os.times()
    command = [sys.executable, "-m", "services.cli", "--help"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=ROOT)
    after = os.times()
    cpu = after.children_user + after.children_system
    return time.perf_counter() - begun, cpu - before.children_user - before.children_system


def measure(rounds):
    with servers() as (broker, server):
        settings = {"database_url": server.create_database(), "kafka_bootstrap": broker.bootstrap}
        asyncio.run(apply_topics(Settings(_env_file=None, **settings)))
        starts = {name: lambda name=name: service_start(name, settings) for name in SERVICES}
        starts |= {"demo": demo_start, "leadline --help": command_start}
        taken = {name: [start() for _ in range(rounds)] for name, start in starts.items()}
    return {
        name: {
            "seconds": round(statistics.median(wall for wall, _ in each), 2),
            "cpu_seconds": round(statistics.median(cpu for _, cpu in each), 2),
        }
        for name, each in taken.items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--quick", action="store_true", help="one start of each instead of five")
    chosen = parser.parse_args()
    found = measure(chosen.rounds or (1 if chosen.quick else 5))
    print(json.dumps(found))  # noqa: T201


if __name__ == "__main__":
    main()
