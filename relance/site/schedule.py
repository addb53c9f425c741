"""The one table of recurring work, and the process that does it.

The queue only wakes; everything here looks at rows and does what is due, so a lost wake-up costs
seconds, never a mail.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.sessions.backends.db import SessionStore
from django.db import DatabaseError, close_old_connections

import relance.crm.jobs
import relance.inbox.jobs
import relance.mail.jobs  # tasks are known once their module is loaded
from relance import live
from relance.crm import importing, record_files
from relance.demo import arrivals
from relance.files import blobs
from relance.jobs.queue import queue
from relance.mail import outbox
from relance.users import throttle

_log = logging.getLogger(__name__)
WORKERS = 2
_STEP, _PAUSE = 0.5, 0.25  # seconds


@dataclass(slots=True)
class Recurring:
    """Something done every `seconds`."""

    name: str
    seconds: float
    work: Callable[[], object]
    due_at: float = 0.0


def table() -> list[Recurring]:
    """All recurring work of the product."""
    return [
        Recurring("outbox", 1, outbox.wake),
        Recurring("events", 900, live.prune),
        Recurring("sessions", 86_400, SessionStore.clear_expired),
        Recurring("failed logins", 86_400, throttle.prune),
        Recurring("unused files", 3600, blobs.sweep),
        Recurring("deleted record files", 3600, record_files.sweep),
        Recurring("imports", 20, relance.crm.jobs.take_up_imports),
        Recurring("filter runs", 5, relance.inbox.jobs.take_up_filter_runs),
        Recurring("old imports", 86_400, importing.prune),
        Recurring("demo", 60, arrivals.deliver_sometimes),
    ]


def run() -> None:
    """Do jobs and recurring work until TERM or INT; what has begun is finished."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    work(stopping)


def work(stopping: threading.Event) -> None:
    """Do jobs and recurring work until `stopping` is set."""
    workers = [
        threading.Thread(target=_work, args=(stopping,), name=f"job-{n}") for n in range(WORKERS)
    ]
    for worker in workers:
        worker.start()
    rows = table()
    while not stopping.is_set():
        for row in rows:
            if time.monotonic() >= row.due_at:
                row.due_at = time.monotonic() + row.seconds
                _once(row.name, row.work)
        stopping.wait(_STEP)
    outbox.stop(8)
    for worker in workers:
        worker.join(timeout=10)


def _work(stopping: threading.Event) -> None:
    """A worker of the queue: takes a task, does it, and again. No failure ends it."""
    while not stopping.is_set():
        if not _once("queue", _take_one):
            stopping.wait(_PAUSE)


def _take_one() -> bool:
    """Do one task; False when there is none."""
    task = queue.dequeue()
    return task is not None and _once(task.name, lambda: queue.execute(task) or True)


def _once(name: str, work: Callable[[], object]) -> bool:
    """What `work` returns, as yes or no. The edge of a loop: a failure is written down (no), and
    the next round tries again."""
    close_old_connections()
    try:
        return bool(work())
    except DatabaseError as error:
        _log.warning("%s: the database refused (%s)", name, type(error).__name__)
    except Exception:  # noqa: BLE001 (the edge of a loop: written down, tried again)
        _log.exception("%s failed", name)
    return False
