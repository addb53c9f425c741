"""The jobs process sends: one lane for each mailbox, so that a slow server delays no other.

`wake` starts what is needed and returns at once. A mailbox whose server cannot be reached rests
for a while before its next mail is tried; each mail waits as long as its own row says.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import DatabaseError, close_old_connections, connection

from relance.mail.outbox import sending

_log = logging.getLogger(__name__)
MOST = 8  # lanes at once
_REST = 30.0  # seconds
_TIDY_EVERY = 5.0  # seconds


class Lanes:
    """The lanes of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[int, threading.Thread] = {}
        self._resting: dict[int, float] = {}
        self._tidied_at = 0.0
        self._stopping = False

    @property
    def is_busy(self) -> bool:
        """Whether a lane is at work."""
        return bool(self._running)

    def wake(self) -> int:
        """Start a lane for each mailbox that has mail due and none; returns how many."""
        now = time.monotonic()
        if now - self._tidied_at >= _TIDY_EVERY:
            self._tidied_at = now
            sending.tidy()
        started = 0
        for account_id in sending.accounts_due():
            started += self._start(account_id, now)
        return started

    def _start(self, account_id: int, now: float) -> bool:
        with self._lock:
            busy = account_id in self._running or self._resting.get(account_id, 0.0) > now
            if self._stopping or busy or len(self._running) >= MOST:
                return False
            lane = threading.Thread(
                target=self._run, args=(account_id,), name=f"outbox-{account_id}", daemon=True
            )
            self._running[account_id] = lane
        lane.start()
        return True

    def _run(self, account_id: int) -> None:
        """The edge of a worker: a failure is written down, and the next wake tries again."""
        try:
            close_old_connections()
            done = sending.deliver_for(account_id, stopping=lambda: self._stopping)
            if done.is_unavailable:
                self._resting[account_id] = time.monotonic() + _REST
        except DatabaseError as error:
            _log.warning("outbox: the database refused (%s)", type(error).__name__)
        except Exception:  # noqa: BLE001 (the edge of a loop: written down, tried again)
            _log.exception("a lane of the outbox failed")
        finally:
            connection.close()
            with self._lock:
                self._running.pop(account_id, None)

    def stop(self, seconds: float) -> None:
        """Begin nothing more, and wait for what is being sent."""
        self._stopping = True
        end = time.monotonic() + seconds
        for lane in list(self._running.values()):
            lane.join(max(0.0, end - time.monotonic()))


_lanes = Lanes()


def wake() -> int:
    """Send what is due, in the background of this process; returns how many lanes were begun."""
    return _lanes.wake()


def stop(seconds: float) -> None:
    """End the lanes of this process: what has begun is finished, within `seconds`."""
    _lanes.stop(seconds)
