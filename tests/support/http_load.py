"""A load on one server from a process of its own: `wrk` where it is installed, else asyncio.

Every connection asks its own path again and again; the figures are requests a second and
latencies in milliseconds.
"""

import asyncio
import json
import re
import shutil
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit

import httptools

WARM_UP_S = 1.0
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


def load(url, paths, token, *, connections, seconds):
    """Return figures of asking `paths` of `url`; several paths need the client of ours."""
    if len(paths) == 1 and shutil.which("wrk"):
        return _wrk(url + paths[0], token, connections, seconds)
    given = json.dumps([url, paths, token, connections, seconds])
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.http_load", given],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def _wrk(url, token, connections, seconds):
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
         "-H", f"Authorization: Bearer {token}", url],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = dict(re.findall(r"^\s+(50|99)%\s+(\S+)$", said, re.MULTILINE))
    p50, p99 = (_milliseconds(found[name]) for name in ("50", "99"))
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    return {"client": "wrk", "requests_per_second": round(rate), "p50_ms": p50, "p99_ms": p99}


def _milliseconds(text):
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()
    return round(float(number) * _UNITS[unit], 2)


class _Asking(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks again."""

    def __init__(self, request, until, latencies):
        self._request, self._until, self._latencies = request, until, latencies
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self._transport = transport
        self._ask()

    def data_received(self, data):
        self._parser.feed_data(data)

    def on_message_complete(self):
        if self._parser.get_status_code() != 200:
            self.done.set_exception(RuntimeError(f"status {self._parser.get_status_code()}"))
            return
        now = time.perf_counter()
        self._latencies.append((now, now - self._asked))
        if now < self._until:
            asyncio.get_running_loop().call_soon(self._ask)
        else:
            self._transport.close()

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_result(error)

    def _ask(self):
        self._parser = httptools.HttpResponseParser(self)
        self._asked = time.perf_counter()
        self._transport.write(self._request)


async def _ask_all(url, paths, token, connections, seconds):
    where, latencies = urlsplit(url), []
    begun = time.perf_counter()
    until = begun + WARM_UP_S + seconds
    loop, asking = asyncio.get_running_loop(), []
    for at in range(connections):
        request = (
            f"GET {paths[at % len(paths)]} HTTP/1.1\r\nHost: {where.netloc}\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        ).encode()
        _, one = await loop.create_connection(
            lambda request=request: _Asking(request, until, latencies), where.hostname, where.port
        )
        asking.append(one.done)
    await asyncio.gather(*asking)
    taken = [took * 1e3 for at, took in latencies if begun + WARM_UP_S <= at <= until]
    cuts = statistics.quantiles(taken, n=100)
    return {
        "client": "asyncio",
        "requests_per_second": round(len(taken) / seconds),
        "p50_ms": round(cuts[49], 2),
        "p99_ms": round(cuts[98], 2),
    }


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(_ask_all(*json.loads(sys.argv[1])))))  # noqa: T201
