"""Calls on threads that are given up, or whose statement or connection is cut, at any moment.

The database layer is synchronous: a cancelled request leaves its thread at work. So a call may be
*given up* (its task is cancelled, the thread goes on), have its *statement cancelled* by the
server, or lose its *connection*.
"""

import asyncio
import contextvars
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor, wait
from typing import NamedTuple

import psycopg
from sqlalchemy import event

TOGETHER = 4
UNDISTURBED = 2  # calls of each at first: compiled statements, warm caches, and how long it takes
TURN = 0.002  # seconds; the loop's own sleep is no finer
FAULTS = ("given up", "statement cancelled", "connection lost")


class Attempt(NamedTuple):
    """One call and how it ended for whoever waited: answered, failed, given up."""

    name: str
    number: int
    ended: str


class Canceller:
    """Runs calls of one database and disturbs most of them."""

    def __init__(self, database, seed):
        self.database = database
        self.attempts = []
        self.faults = Counter()
        self._rng = random.Random(seed)
        self._pool = ThreadPoolExecutor(TOGETHER, thread_name_prefix="call")
        self._held = contextvars.ContextVar("held", default=None)
        self._seconds = {}  # by name: how long an undisturbed call took
        # Standing ready: a connection made for the purpose would come too late.
        self._other = None if database.sqlite else psycopg.connect(database.url, autocommit=True)
        event.listen(database.engine, "checkout", self._checked_out)

    def run(self, calls, tries):
        """Try each of `(name, work)` so often; `work` takes the number of the try."""
        asyncio.run(self._run(calls, tries))

    async def _run(self, calls, tries):
        for name, work in calls:
            await self._calibrate(name, work)
        queue = [(name, work, n) for name, work in calls for n in range(UNDISTURBED, tries)]
        self._rng.shuffle(queue)
        waiting = iter(queue)
        await asyncio.gather(*(self._worker(waiting) for _ in range(TOGETHER)))
        self._pool.shutdown(wait=True)
        event.remove(self.database.engine, "checkout", self._checked_out)
        if self._other is not None:
            self._other.close()

    async def _calibrate(self, name, work):
        loop = asyncio.get_running_loop()
        took = []
        for number in range(UNDISTURBED):
            begun = loop.time()
            await loop.run_in_executor(self._pool, work, number)
            took.append(loop.time() - begun)
            self.attempts.append(Attempt(name, number, "answered"))
        self._seconds[name] = min(took)

    async def _worker(self, waiting):
        for name, work, number in waiting:
            # A task of its own has a context of its own: the connection it holds is noted there.
            ended = await asyncio.create_task(self._attempt(name, work, number))
            self.attempts.append(Attempt(name, number, ended))

    async def _attempt(self, name, work, number):
        held = Held()
        self._held.set(held)
        context = contextvars.copy_context()
        thread = self._pool.submit(context.run, work, number)
        call = asyncio.wrap_future(thread)
        fault = self._rng.choice(FAULTS)
        # Past the usual end now and then: a call must also be able to win.
        await _pause(self._rng.uniform(0, 1.2 * self._seconds[name]))
        if call.done():
            return _ended(call)
        self.faults[fault] += 1
        if fault == "given up":
            call.cancel()
            await asyncio.to_thread(wait, [thread])  # it goes on, unheard
            return fault
        if held.connection is not None:
            self._disturb(held, fault)  # at once: the call may be over in half a millisecond
        await asyncio.wait([call])
        held.doomed = False  # a call that was over by then leaves the connection to the next
        return _ended(call)

    def _disturb(self, held, fault):
        if self.database.sqlite:
            held.doomed = True
            return
        function = "cancel" if fault == "statement cancelled" else "terminate"
        self._other.execute(f"SELECT pg_{function}_backend(%s)", [held.backend])

    def _checked_out(self, dbapi_connection, _record, _proxy):
        held = self._held.get()
        if held is None:
            return
        held.connection = getattr(dbapi_connection, "driver_connection", dbapi_connection)
        if self.database.sqlite:
            held.connection.set_progress_handler(held.interrupted, 1)
        else:
            held.backend = held.connection.info.backend_pid


class Held:
    """The connection that a call has, and whether its next step shall fail."""

    def __init__(self):
        self.connection = None
        self.backend = None  # PostgreSQL's process
        self.doomed = False

    def interrupted(self):
        """Tell SQLite, before each step of its machine, whether to break the statement off."""
        doomed, self.doomed = self.doomed, False
        return doomed


async def _pause(seconds):
    """Wait as exactly as calls of half a millisecond need."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    if seconds > TURN:
        await asyncio.sleep(seconds - TURN)
    while loop.time() < until:  # noqa: ASYNC110 (spins: nothing else is exact enough)
        await asyncio.sleep(0)


def _ended(call):
    return "failed" if call.exception() else "answered"


def left_open(database):
    """Return what the calls left: connections out of the pool, sessions inside a transaction."""
    out = database.engine.pool.checkedout()
    if database.sqlite:
        return {"checked_out": out}
    with psycopg.connect(database.url, autocommit=True) as connection:
        (idle,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state LIKE 'idle in transaction%'"
        ).fetchone()
    return {"checked_out": out, "idle_in_transaction": idle}
