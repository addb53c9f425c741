"""The ASGI application.

Django gives each request a thread of its own, hence a new database connection with its PRAGMAs.
Here requests share a few long-lived threads, each with its connection; a request goes to the
least busy one. Asynchronous views (the stream of events) are not concerned.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django
from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler
from django.db import connections

THREADS = 4
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class _Seat:
    """One long-lived thread, as asgiref knows it, and how many requests it serves."""

    def __init__(self) -> None:
        self.context = ThreadSensitiveContext()
        self.load = 0
        self.executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")
        SyncToAsync.context_to_thread_executor[self.context] = self.executor

    def leave(self) -> None:
        """Close the thread's connections, in that thread, then end it."""
        self.executor.submit(connections.close_all)
        self.executor.shutdown()
        SyncToAsync.context_to_thread_executor.pop(self.context, None)


class _Sitting:
    """A request's place on a seat.

    A stream of events gives it up once begun: it lasts for hours and hardly uses the thread, so
    counting it would send pages to seats that are busy.
    """

    def __init__(self, seat: _Seat, send: Send, streams: set[asyncio.Task[Any]]) -> None:
        self.seat = seat
        self._send = send
        self._streams = streams
        self._counts = True
        seat.load += 1

    def end(self) -> None:
        if self._counts:
            self._counts = False
            self.seat.load -= 1

    async def send(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and _is_stream(message["headers"]):
            self.end()
            if task := asyncio.current_task():
                self._streams.add(task)
                task.add_done_callback(self._streams.discard)
        await self._send(message)


def _is_stream(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    return any(
        name.lower() == b"content-type" and value.startswith(b"text/event-stream")
        for name, value in headers
    )


class PooledHandler(ASGIHandler):
    """Django's handler, its requests seated in `THREADS` threads."""

    def __init__(self) -> None:
        super().__init__()
        self._seats = [_Seat() for _ in range(THREADS)]
        self._streams: set[asyncio.Task[Any]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._lifespan(receive, send)
            return
        seat = min(self._seats, key=lambda seat: seat.load)
        sitting = _Sitting(seat, send, self._streams)
        token = SyncToAsync.thread_sensitive_context.set(sitting.seat.context)
        try:
            await self.handle(dict(scope), receive, sitting.send)
        finally:
            sitting.end()
            SyncToAsync.thread_sensitive_context.reset(token)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            kind = message["type"]
            if kind == "lifespan.shutdown":
                await asyncio.to_thread(self.close)  # a request under way may need this loop
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return

    def end_streams(self) -> None:
        """End every stream of events: an open page would keep the server from ending. It asks
        again by itself. To be called on the loop that serves."""
        for task in self._streams:
            task.cancel()

    def close(self) -> None:
        """Let every thread finish, close its connections and end. Nothing is served after."""
        for seat in self._seats:
            seat.leave()


def make() -> PooledHandler:
    """The application, Django set up."""
    django.setup(set_prefix=False)
    return PooledHandler()


application = make()
