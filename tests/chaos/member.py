"""A process under test that a procedure kills, freezes and starts again."""

import signal

from tests.support import process


class Member:
    """One process of the product, which may be killed, frozen and started again."""

    def __init__(self, world, name, command, environ):
        self.name = name
        self._world, self._command, self._environ = world, command, environ
        self._process = None
        self.frozen = False

    @property
    def pid(self):
        return self._process.pid

    @property
    def log(self):
        return self._process.log.read_text(errors="replace")

    def start(self):
        self._process = self._world.spawn(*self._command, **self._environ)
        return self

    def kill(self):
        """SIGKILL, and reap."""
        process.kill(self._process)

    def stop(self, timeout_s=30):
        """SIGTERM; return the exit code."""
        return process.stop(self._process, timeout_s=timeout_s)

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)
        self.frozen = True

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)
        self.frozen = False

    def ended(self):
        """Return the exit code of a process that ended by itself, or None."""
        return self._process.poll()
