"""Starts the product's processes in a moment: forked from one that has the imports behind it.

A start costs two seconds of a core, nearly all of it imports; a procedure with forty kills would
measure nothing else. `python -m tests.support.nursery MODULE` is the parent: it reads one request a
line and forks, reports each child's id, reaps it and reports its end. A child is a process like
any other: its own session, log and environment, killed by its id, and gone with its parent.
"""

import contextlib
import importlib
import json
import os
import runpy
import selectors
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.support import process
from tests.support.process import ROOT


class Child:
    """A forked process, with what `subprocess.Popen` would offer."""

    def __init__(self, pid, log):
        self.pid, self.log = pid, log
        self.returncode = None
        self._ended = threading.Event()

    def ended(self, code):
        self.returncode = code
        self._ended.set()

    def poll(self):
        return self.returncode

    def wait(self, timeout=None):
        if not self._ended.wait(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout)
        return self.returncode

    def send_signal(self, number):
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)


class Nursery:
    """The near side: asks for children of one module, and learns of their ends."""

    def __init__(self, module):
        self._log = process.short_dir("nursery") / "nursery.log"
        self._asked = threading.Lock()
        self._children = {}
        self._born = {}
        with self._log.open("ab") as log:
            self._parent = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", sys.executable, "-m", __name__, module],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=ROOT,
                env={k: v for k, v in os.environ.items() if not k.startswith("LEADLINE_")},
                start_new_session=True,
            )  # fmt: skip
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, arguments, log, env, out=None, cwd=ROOT):
        """Fork a child that runs the module with these arguments; return it.

        What it prints goes to `out`, else to the log as well.
        """
        log.touch()  # who looks for a word in it need not wait for it
        with self._asked:
            number = len(self._born)
            born = self._born[number] = threading.Event()
            request = {"number": number, "arguments": arguments, "env": env}
            request |= {"log": str(log), "out": str(out or log), "cwd": str(cwd)}
            self._parent.stdin.write(json.dumps(request) + "\n")
            self._parent.stdin.flush()
        assert born.wait(120), process.tail(self._log)
        child = self._children[number]
        child.log = log
        return child

    def _listen(self):
        by_pid = {}
        for line in self._parent.stdout:
            told = json.loads(line)
            if "number" in told:
                by_pid[told["pid"]] = self._children[told["number"]] = Child(told["pid"], None)
                self._born[told["number"]].set()
            else:
                by_pid[told["pid"]].ended(told["code"])


_NURSERIES: dict[str, Nursery] = {}


def start(command, log, env, out=None, cwd=ROOT):
    """Start `python -m command...` from the nursery of its module, which lives as long as we."""
    module, *arguments = command
    if module not in _NURSERIES:
        _NURSERIES[module] = Nursery(module)
    return _NURSERIES[module].start(arguments, log, env, out, cwd)


def main(module):
    """Be the far side: fork on request until the near side is gone."""
    main_of = module if _is_file(module) else f"{module}.__main__"
    importlib.import_module(main_of)
    wakeup, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
    selector.register(wakeup, selectors.EVENT_READ)
    rest = b""
    while True:
        for key, _ in selector.select(1.0):
            data = os.read(key.fd, 1 << 20)
            if key.fd == wakeup:
                continue
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                _fork(main_of, json.loads(line))
        _reap()


def _is_file(module):
    return Path(*module.split(".")).with_suffix(".py").exists()


def _fork(module, request):
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        _be(module, request, parent)
    _tell({"number": request["number"], "pid": pid})


def _be(module, request, parent):
    """Become the asked process; never return into the nursery's own loop."""
    code = 1
    try:
        process.die_with(parent)
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for stream, name in ((1, "out"), (2, "log")):
            os.dup2(os.open(request[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), stream)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        sys.argv = [module, *request["arguments"]]
        del sys.modules[module]  # it is run, not imported; what it imports is there
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - the log is all that is left of a child
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _reap():
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        _tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(what):
    os.write(1, json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
