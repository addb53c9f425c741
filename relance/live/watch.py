"""Reading events as they come: one watcher a process, any number of open pages.

SQLite tells of a commit by another connection through `PRAGMA data_version`
(https://sqlite.org/pragma.html#pragma_data_version), which costs microseconds to ask; PostgreSQL
through LISTEN. The watcher then reads the new rows once and hands them to every subscriber.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from relance.live.events import CHANNEL, EVERYBODY
from relance.live.models import Event

POLL_SECONDS = 0.1
_BACKLOG = 500  # events a slow page may be behind before it is told to read itself anew


@dataclass(frozen=True, slots=True)
class Told:
    """One event as a subscriber gets it. Kind "reload": too much was missed."""

    id: int
    kind: str
    payload: dict[str, Any]


@dataclass(eq=False, slots=True)
class _Subscriber:
    user_id: int
    loop: asyncio.AbstractEventLoop
    queue: asyncio.Queue[Told]

    def offer(self, told: Told) -> None:
        if self.queue.qsize() >= _BACKLOG:
            while not self.queue.empty():
                self.queue.get_nowait()
            told = Told(told.id, "reload", {})
        self.queue.put_nowait(told)


class Watcher:
    """The thread that watches the database for a whole process; started by its first subscriber,
    ended by its last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: set[_Subscriber] = set()
        self._thread: threading.Thread | None = None
        self._version = -1

    def subscribe(self, subscriber: _Subscriber) -> None:
        with self._lock:
            self._subscribers.add(subscriber)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()

    def unsubscribe(self, subscriber: _Subscriber) -> None:
        with self._lock:
            self._subscribers.discard(subscriber)

    def _run(self) -> None:
        wait = self._listen if connection.vendor == "postgresql" else self._poll
        last = newest()
        try:
            while self._wanted():
                wait()
                last = self._tell(last)
        finally:
            connection.close()

    def _wanted(self) -> bool:
        with self._lock:
            if self._subscribers:
                return True
            self._thread = None
            return False

    def _tell(self, last: int) -> int:
        rows = list(
            Event.objects.filter(pk__gt=last)
            .order_by("pk")
            .values_list("pk", "user_id", "kind", "payload")[:1000]
        )
        with self._lock:
            subscribers = list(self._subscribers)
        for pk, user_id, kind, payload in rows:
            told = Told(pk, kind, payload)
            for one in subscribers:
                if user_id in (EVERYBODY, one.user_id):
                    with contextlib.suppress(RuntimeError):  # its loop has just ended
                        one.loop.call_soon_threadsafe(one.offer, told)
        return rows[-1][0] if rows else last

    def _poll(self) -> None:
        """Until another connection has committed since the version last seen."""
        while (version := _data_version()) == self._version and self._wanted():
            time.sleep(POLL_SECONDS)
        self._version = version  # asked before the rows are read, so that no commit is missed

    def _listen(self) -> None:
        connection.ensure_connection()
        raw: Any = connection.connection
        if not getattr(raw, "relance_listens", False):
            raw.execute(f"LISTEN {CHANNEL}")
            raw.relance_listens = True
        for _notification in raw.notifies(timeout=1.0, stop_after=1):
            break


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


def newest() -> int:
    """The id of the newest event: where a page that has just been read goes on from."""
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


_watcher = Watcher()


async def events(
    user_id: int, after_id: int | None = None, *, heartbeat: float = 20.0
) -> AsyncIterator[Told | None]:
    """Events for that user after `after_id` (None: from now on), as they come.

    Yields None when nothing came for `heartbeat` seconds, so that a stream can show it is alive.
    """
    subscriber = _Subscriber(user_id, asyncio.get_running_loop(), asyncio.Queue())
    _watcher.subscribe(subscriber)
    seen = after_id or 0
    try:
        if after_id is not None:
            mine = Event.objects.filter(pk__gt=after_id, user_id__in=[user_id, EVERYBODY])
            async for event in mine.order_by("pk")[:_BACKLOG]:
                seen = event.pk
                yield Told(event.pk, event.kind, event.payload)
        while True:
            try:
                told = await asyncio.wait_for(subscriber.queue.get(), heartbeat)
            except TimeoutError:
                yield None
                continue
            if told.id > seen:
                yield told
    finally:
        _watcher.unsubscribe(subscriber)
