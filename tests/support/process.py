"""Start a server as our own child, on loopback, such that it cannot outlive the tests."""

import contextlib
import ctypes
import fcntl
import functools
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"
PR_SET_PDEATHSIG = 1
MEMORY, ROOM = "/dev/shm", 4 << 30  # noqa: S108 - folders in it get names of their own
PORTS = range(10_000, 32_000)  # below those that the kernel gives to outgoing connections


class UnavailableError(Exception):
    """This machine lacks a program; the message says which and how to get it."""


def free_ports(count):
    """Return `count` different free ports of loopback, which nobody else is given meanwhile.

    A server that is killed finds its port again: no outgoing connection is ever given one of
    these, and other test processes leave alone what this one was given, until it ends.
    """
    found = []
    while len(found) < count:
        port = random.SystemRandom().choice(PORTS)
        if _reservations().take(port) and _is_free(port):
            found.append(port)
    return found


class _Reservations:
    """Locks a port's byte in a file that all test processes of this user share."""

    def __init__(self):
        path = Path(tempfile.gettempdir(), f"leadline-test-ports-{os.getuid()}")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._mine = set()

    def take(self, port):
        """Reserve a port until this process ends; False when somebody has it."""
        if port in self._mine:  # a process never refuses itself a lock
            return False
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except OSError:
            return False
        self._mine.add(port)
        return True


_reservations = functools.cache(_Reservations)


def _is_free(port):
    with socket.socket() as asking:
        try:
            asking.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def short_dir(name, *, in_memory=False):
    """Make a folder that any user may enter and whose name leaves room for a socket's.

    `in_memory` asks for one that no disk slows down, for what need not outlive the machine. (A
    socket's path has 107 bytes.)
    """
    parent = MEMORY if in_memory and _has_room(MEMORY) else "/tmp"  # noqa: S108
    path = Path(tempfile.mkdtemp(prefix=f"ll-{name}-", dir=parent))
    path.chmod(0o755)
    return path


def keep(folder, target):
    """Keep a copy of a folder for others; whoever is first is kept."""
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(folder, partial)
    try:
        partial.rename(target)
    except OSError:  # another process was quicker
        shutil.rmtree(partial)


def _has_room(folder):
    return Path(folder).is_dir() and shutil.disk_usage(folder).free > ROOM


def start(command, log, **options):
    """Start `command` in a session of its own; the kernel kills it when this process dies."""
    guard = ["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [*guard, *map(str, command)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            **options,
        )


def die_with(parent):
    """Let the kernel kill this process when its parent of that id dies, with all it started."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was told
        os._exit(1)


def stop(process, *, timeout_s=30):
    """End a process by SIGTERM, by SIGKILL when it does not heed, and reap it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            kill(process)
    return process.wait()


def kill(process):
    """SIGKILL a process with its children, by id, and reap it.

    Children first listed, then killed: PostgreSQL's backends are leaders of sessions of
    their own, so killing the group would leave them, and they may still commit.
    """
    if process.poll() is not None:
        return
    offspring = children(process.pid)
    for pid in (process.pid, *offspring):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait()
    while any(map(alive, offspring)):
        time.sleep(0.001)


def alive(pid):
    """Tell whether a process still runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def children(pid):
    """Return the ids of a process's direct children."""
    try:
        return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def tail(log, lines=30):
    """Return the end of a log, for an error message."""
    if not log.exists():
        return "(no log)"
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
