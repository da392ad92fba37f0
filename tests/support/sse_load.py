"""Many listeners of `/v1/stream` on one event loop, each over a connection of its own.

`python -m tests.support.sse_load '[url, token, clients, until]'` is the same from a process of its
own: it says `ready` once all listen, and prints as JSON when each event had reached the first and
the last of them (`CLOCK_MONOTONIC`, which all processes share).
"""

import asyncio
import json
import sys
import time
from urllib.parse import urlsplit

import httptools

AT_ONCE = 100
"""Connections being opened at the same time."""


class Listener(asyncio.Protocol):
    """One client: hears events by their ids, in the order in which they come."""

    def __init__(self, request, until=None):
        self._request, self._until = request, until
        self._parser = httptools.HttpResponseParser(self)
        self._text = b""
        self.ids, self.times = [], []
        loop = asyncio.get_running_loop()
        self.listening, self.done = loop.create_future(), loop.create_future()
        self.gone = loop.create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self._request)

    def data_received(self, data):
        self._parser.feed_data(data)

    def on_body(self, body):
        if not self.listening.done():
            self.listening.set_result(self._parser.get_status_code())
        *whole, self._text = (self._text + body).split(b"\n\n")
        now = time.perf_counter()
        for event in whole:
            # A beat moves the id, too, and is no event: it has no data.
            if event.startswith(b"id: ") and b"\ndata: " in event:
                self.ids.append(int(event[4 : event.index(b"\n")]))
                self.times.append(now)
        if self._until is not None and self.ids and self.ids[-1] >= self._until:
            self._end(None)

    def on_message_complete(self):
        self._end(None)  # by the server: the connection itself may stay

    def connection_lost(self, error):
        self._end(error)
        self.gone.set_result(None)

    def _end(self, error):
        for future in (self.listening, self.done):
            if not future.done():
                future.set_result(error)


async def listen(url, token, clients, *, until=None, last=None, by_cookie=False):
    """Return listeners that are all connected; `until` is the event that ends each."""
    where = urlsplit(url)
    resume = "" if last is None else f"Last-Event-ID: {last}\r\n"
    key = f"Cookie: leadline_token={token}" if by_cookie else f"Authorization: Bearer {token}"
    request = f"GET /v1/stream HTTP/1.1\r\nHost: {where.netloc}\r\n{key}\r\n{resume}\r\n".encode()
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one():
        async with gate:
            _, listener = await loop.create_connection(
                lambda: Listener(request, until), where.hostname, where.port
            )
            status = await listener.listening
            if status != 200:
                raise RuntimeError(f"a listener was answered {status}")
            return listener

    return await asyncio.gather(*(one() for _ in range(clients)))


async def leave(listeners):
    """Cut every connection."""
    for one in listeners:
        one.transport.abort()
    await asyncio.gather(*(one.gone for one in listeners))


async def _measure(url, token, clients, until):
    listeners = await listen(url, token, clients, until=until)
    print("ready", flush=True)  # noqa: T201
    await asyncio.gather(*(one.done for one in listeners))
    await leave(listeners)
    arrived = {}
    for one in listeners:
        for event, at in zip(one.ids, one.times, strict=True):
            first, latest = arrived.get(event, (at, at))
            arrived[event] = (min(first, at), max(latest, at))
    return {"clients": clients, "arrived": arrived}


if __name__ == "__main__":
    import uvloop

    print(json.dumps(uvloop.run(_measure(*json.loads(sys.argv[1])))))  # noqa: T201
