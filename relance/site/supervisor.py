"""The process tree of `relance serve`: web, jobs and sync, kept alive.

The supervisor loads the product once and forks its children, so that they share its memory. One
that dies is started again, after half a second at first, then twice as long, 30 s at most; one
that has lived a minute starts from the beginning. TERM (or Ctrl-C) drains: children are told, get
ten seconds, then are killed. Should the supervisor itself be killed, the kernel ends its children
(`PR_SET_PDEATHSIG`, Linux).
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_log = logging.getLogger(__name__)
_FIRST_PAUSE, _LONGEST_PAUSE, _HEALTHY = 0.5, 30.0, 60.0  # seconds
_DRAIN = 10.0
_LOOK_EVERY = 0.05
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process of the tree. `work` runs in the child and ends when it gets TERM."""

    name: str
    work: Callable[[], object]
    pid: int = 0
    pause: float = _FIRST_PAUSE
    started_at: float = 0.0
    start_at: float = 0.0


class Supervisor:
    """Starts children, watches them, ends them."""

    def __init__(self, children: Sequence[Child]) -> None:
        self.children = list(children)
        self._stopping = False

    def run(self, announce: Callable[[], bool] | None = None) -> int:
        """Until TERM or INT. Returns the exit status of the whole tree: 0 after a clean drain.

        `announce` is called again and again once the children have begun, until it returns True.
        """
        heeded = _heeded()
        signal.pthread_sigmask(signal.SIG_BLOCK, heeded)  # waited for, below
        gc.collect()
        gc.freeze()  # what is loaded now is never collected, so its pages stay shared
        while not self._stopping:
            self._reap()
            self._start_due()
            if announce and announce():
                announce = None
            pause = _LOOK_EVERY if announce else _next_pause(self.children)
            came = signal.sigtimedwait(heeded, pause)
            self._stopping = came is not None and came.si_signo != signal.SIGCHLD
        return self._drain()

    def _start_due(self) -> None:
        for child in self.children:
            if not child.pid and time.monotonic() >= child.start_at and not self._stopping:
                self._start(child)

    def _start(self, child: Child) -> None:
        child.started_at = time.monotonic()
        parent = os.getpid()
        child.pid = os.fork()
        if child.pid:
            return
        status = 1
        try:
            _become(child.name, parent)
            child.work()
            status = 0
        except KeyboardInterrupt:
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 (a forked child must end here, whatever happened)
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def _reap(self) -> None:
        for child in self.children:
            if not child.pid:
                continue
            with contextlib.suppress(ChildProcessError):
                pid, status = os.waitpid(child.pid, os.WNOHANG)
                if not pid:
                    continue
                self._ended(child, os.waitstatus_to_exitcode(status))

    def _ended(self, child: Child, status: int) -> None:
        lived = time.monotonic() - child.started_at
        child.pid = 0
        if self._stopping:
            return
        if lived >= _HEALTHY:
            child.pause = _FIRST_PAUSE
        child.start_at = time.monotonic() + child.pause
        _log.warning(
            "%s ended (%s) and starts again in %.1f s", child.name, _said(status), child.pause
        )
        child.pause = min(child.pause * 2, _LONGEST_PAUSE)

    def _drain(self) -> int:
        until = time.monotonic() + _DRAIN
        for child in self.children:
            _send(child, signal.SIGTERM)
        while any(c.pid for c in self.children) and time.monotonic() < until:
            self._reap()
            time.sleep(0.05)
        late = [c for c in self.children if c.pid]
        for child in late:
            _log.warning("%s does not end and is killed", child.name)
            _send(child, signal.SIGKILL)
        for child in late:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
        return 1 if late else 0


def _heeded() -> set[signal.Signals]:
    """TERM, INT and (unless nohup started us) HUP end the tree; CHLD says a child did."""
    heeded = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT}
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        heeded.add(signal.SIGHUP)
    return heeded


def _next_pause(children: Sequence[Child]) -> float:
    waiting = [c.start_at - time.monotonic() for c in children if not c.pid]
    return max(0.05, min([*waiting, 1.0]))


def _send(child: Child, number: signal.Signals) -> None:
    if child.pid:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child.pid, number)


def _said(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"status {status}"


def _become(name: str, parent: int) -> None:
    """In the child: end with the parent, default signals, no connection inherited."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(0)  # it ended before we could ask
    heeded = _heeded()
    for number in heeded:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, heeded)
    os.setsid()  # Ctrl-C reaches the supervisor alone, which tells us
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.connection = None  # the parent's; closing it here would close it there
    _log.info("%s is process %s", name, os.getpid())
