"""A real Prometheus on loopback that scrapes what a test names."""

import shutil
import subprocess
import time

import httpx

from tests.support import process
from tests.support.process import UnavailableError


def require(program):
    """Return the path of `prometheus` or `promtool`."""
    if path := shutil.which(program):
        return path
    raise UnavailableError(f"{program} is not installed")


def promtool(*arguments, stdin=None):
    """Run promtool; return its output, raise with it when it objects."""
    command = [require("promtool"), *map(str, arguments)]
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output


class Prometheus:
    """One server with the given configuration text."""

    def __init__(self, config):
        program = require("prometheus")
        self.home = process.short_dir("prom")
        self.log = self.home / "prometheus.log"
        (port,) = process.free_ports(1)
        self.url = f"http://127.0.0.1:{port}"
        path = self.home / "prometheus.yml"
        path.write_text(config)
        self._command = [
            program,
            f"--config.file={path}",
            f"--storage.tsdb.path={self.home / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
        ]
        self._process = None

    def start(self, timeout_s=60):
        """Start and wait until it is ready."""
        self._process = process.start(self._command, self.log, cwd="/")
        deadline = time.perf_counter() + timeout_s
        while time.perf_counter() < deadline and self._process.poll() is None:
            try:
                if httpx.get(f"{self.url}/-/ready").status_code == httpx.codes.OK:
                    return self
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"Prometheus does not serve:\n{process.tail(self.log)}")

    def query(self, expression):
        """Return the series of an instant query."""
        return self._result("query", query=expression)

    def query_range(self, expression, *, start, end, step_s):
        """Return the series of a range query, as a panel asks it."""
        return self._result("query_range", query=expression, start=start, end=end, step=step_s)

    def targets(self):
        """Return the active scrape targets with their health."""
        answer = httpx.get(f"{self.url}/api/v1/targets").json()
        return answer["data"]["activeTargets"]

    def close(self):
        """End and remove the data."""
        if self._process is not None:
            process.kill(self._process)
        shutil.rmtree(self.home, ignore_errors=True)

    def _result(self, call, **parameters):
        answer = httpx.get(f"{self.url}/api/v1/{call}", params=parameters).json()
        assert answer["status"] == "success", answer
        return answer["data"]["result"]
