"""An event loop with a clock of its own, whose processes can be killed and frozen at any await.

Every callback knows the process that it belongs to by its context. Those of a dead process never
run again, as after SIGKILL; those of a frozen one are held until it is thawed, as after SIGSTOP.
"""

import asyncio
import contextlib
import contextvars
import heapq
import itertools
from collections import deque

from aiokafka.errors import KafkaError

from shared.store.faults import is_passing

PROCESS = contextvars.ContextVar("process", default=None)


class Process:
    """What can be killed: a set of tasks with a context of their own."""

    def __init__(self, loop, name):
        self.loop = loop
        self.name = name
        self.dead = False
        self.frozen = False
        self.member = None  # the consumer loop that it runs
        self.stopped = set()  # topics whose breaker it opened
        self.context = contextvars.copy_context()
        self.context.run(PROCESS.set, self)
        self._tasks = []
        self._held = []
        self._threads = {}  # pool to the time from which its thread is free

    def start(self, coroutine):
        return self.loop.create_task(coroutine, context=self.context)

    def adopt(self, task):
        if self.dead:
            task._log_destroy_pending = False
            _discard(task)
            return
        self._tasks = [other for other in self._tasks if not other.done()]
        self._tasks.append(task)

    def freeze(self):
        self.frozen = True

    def thaw(self):
        self.frozen = False
        held, self._held = self._held, []
        for handle in held:
            self.loop.ready.append(handle)

    def hold(self, handle):
        self._held.append(handle)

    def kill(self):
        """Stop for good; return where each task was waiting, as (file, line)."""
        self.dead = True
        waited = [at for task in self._tasks if not task.done() for at in _awaits(task)]
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task._log_destroy_pending = False
            self.context.run(_discard, task)
        return waited

    def busy_until(self, pool, start, seconds):
        """Queue a job of some seconds on a pool of one thread; return when it begins."""
        begins = max(start, self._threads.get(pool, 0.0))
        self._threads[pool] = begins + seconds
        return begins


def _awaits(task):
    inner = task.get_coro()
    while inner is not None and getattr(inner, "cr_frame", None) is not None:
        yield inner.cr_code.co_filename, inner.cr_frame.f_lineno
        inner = inner.cr_await


def _discard(task):
    """Let a coroutine go without a word: what its `finally` does happens to nobody."""
    coroutine = task.get_coro()
    for _ in range(20):
        with contextlib.suppress(RuntimeError, Exception):
            coroutine.close()
            return


class SimulatedLoop(asyncio.AbstractEventLoop):
    """Runs one callback at each `step`; time jumps to the next timer when nothing is ready."""

    def __init__(self, rng):
        self.now = 0.0
        self.outside = contextvars.Context()  # of what belongs to no process
        self.ready = deque()
        self.faults = []  # what asyncio would have logged of living processes
        self._rng = rng
        self._timers = []
        self._order = itertools.count()

    def step(self):
        """Run the next callback of what lives; return the process it belongs to, if to any."""
        while True:
            if self.ready:
                handle = self.ready.popleft()
            else:
                when, _, handle = heapq.heappop(self._timers)
                self.now = max(self.now, when)
            if handle._cancelled:
                continue
            process = handle._context.get(PROCESS)
            if process is not None and process.dead:
                continue
            if process is not None and process.frozen:
                process.hold(handle)
                continue
            handle._run()
            return process

    def time(self):
        return self.now

    def call_soon(self, callback, *args, context=None):
        handle = asyncio.Handle(callback, args, self, context)
        self.ready.append(handle)
        return handle

    def call_at(self, when, callback, *args, context=None):
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._order), handle))
        return handle

    def call_later(self, delay, callback, *args, context=None):
        return self.call_at(self.now + delay, callback, *args, context=context)

    def create_future(self):
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None):
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        process = (context or contextvars.copy_context()).get(PROCESS)
        if process is not None:
            process.adopt(task)
        return task

    def run_in_executor(self, executor, func, *args):
        """Do the work at some later moment, and tell of it still later.

        A request that is on its way arrives even when the process dies or freezes meanwhile.
        """
        process, rng = PROCESS.get(), self._rng
        asks, answers = rng.uniform(0.001, 0.05), rng.uniform(0.001, 0.05)
        begins = process.busy_until(executor, self.now, asks + answers)
        future = self.create_future()
        sent = contextvars.Context() if rng.random() < 0.5 else process.context

        def arrive():
            try:
                outcome = future.set_result, func(*args)
            except AssertionError:  # a broken promise, which was noted and ends the run
                return
            except Exception as error:  # noqa: BLE001 - whatever it was, the caller has to know
                outcome = future.set_exception, error
            self.call_later(answers, answer, *outcome, context=process.context)

        def answer(settle, outcome):
            if not future.done():
                settle(outcome)

        self.call_at(begins + asks, arrive, context=sent)
        return future

    def get_debug(self):
        return False

    def call_exception_handler(self, context):
        error = context.get("exception")
        # A side task that is cancelled leaves behind what its last call has met.
        passing = isinstance(error, KafkaError) or is_passing(error)
        if not passing and "was destroyed but it is pending" not in context["message"]:
            self.faults.append(f"{context['message']}: {error!r}")

    def _timer_handle_cancelled(self, handle):
        pass
