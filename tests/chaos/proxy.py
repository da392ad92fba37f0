"""A fault proxy: what a network does to a connection, on one link, when told to.

Runs in a thread of its own. Faults concern open connections as well as new ones; the words are
those of toxiproxy.
"""

import asyncio
import contextlib
import random
import threading
from dataclasses import dataclass, replace

CHUNK = 64 * 1024
HOLD_SECONDS = 0.05


@dataclass(frozen=True)
class Toxics:
    """How bad the link is; the default is a good one."""

    latency_s: float = 0.0
    reset_rate: float = 0.0  # of the chunks, those that end their connection
    slice_bytes: int = 0  # so many bytes at a time
    bandwidth: float = 0.0  # bytes a second, each way
    half_open: bool = False  # accepted, never answered; what was sent arrives late, or never
    refused: bool = False  # nobody listens, as when a cable is out


class FaultProxy:
    """Forwards a port of its own to `target_port`; `toxics` may be set at any time."""

    def __init__(self, target_port=None, *, seed=0):
        self.target_port = target_port
        self.port = None
        self.forwarded = 0  # bytes
        self._toxics = Toxics()
        self._rng = random.Random(seed)
        self._open = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._ask(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._server.sockets[0].getsockname()[1]

    def worsen(self, **toxics):
        """Set faults; those not named go."""
        self._toxics = replace(Toxics(), **toxics)
        if self._toxics.refused:
            self.cut()

    def heal(self):
        """Make it a good link. What was held back arrives now."""
        self._toxics = Toxics()

    def cut(self):
        """Reset every open connection."""
        self._loop.call_soon_threadsafe(lambda: [w.transport.abort() for w in self._open])

    def close(self):
        """Stop serving."""
        self._ask(self._shut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _ask(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _shut(self):
        self._server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    async def _serve(self, reader, writer):
        if self._toxics.refused:
            writer.transport.abort()
            return
        try:
            onward, backward = await asyncio.open_connection("127.0.0.1", self.target_port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, backward}
        ways = [self._pipe(reader, backward), self._pipe(onward, writer)]
        try:
            await asyncio.gather(*ways)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            for end in (writer, backward):
                self._open.discard(end)
                end.transport.abort()

    async def _pipe(self, reader, writer):
        """Forward one way until it ends; then the other way ends too."""
        while data := await reader.read(CHUNK):
            while self._toxics.half_open:  # noqa: ASYNC110 - set from another thread
                await asyncio.sleep(HOLD_SECONDS)
            toxics = self._toxics
            if toxics.reset_rate and self._rng.random() < toxics.reset_rate:
                raise ConnectionResetError
            if toxics.latency_s:
                await asyncio.sleep(toxics.latency_s)
            await self._write(writer, data, toxics)
        raise ConnectionResetError

    async def _write(self, writer, data, toxics):
        step = toxics.slice_bytes or len(data)
        for start in range(0, len(data), step):
            writer.write(data[start : start + step])
            if toxics.slice_bytes:
                await asyncio.sleep(0)
            with contextlib.suppress(ConnectionError):
                await writer.drain()
        self.forwarded += len(data)
        if toxics.bandwidth:
            await asyncio.sleep(len(data) / toxics.bandwidth)
