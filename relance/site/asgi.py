"""The ASGI application.

Django gives each request a thread of its own, hence a new database connection with its PRAGMAs.
Here requests share a few long-lived threads, each with its connection; a request goes to the
least busy one. Asynchronous views (the stream of events) are not concerned.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "relance.site.settings")

import django
from asgiref.sync import SyncToAsync, ThreadSensitiveContext
from django.core.handlers.asgi import ASGIHandler

THREADS = 4
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class _Seat:
    """One long-lived thread, as asgiref knows it, and how many requests it serves."""

    def __init__(self) -> None:
        self.context = ThreadSensitiveContext()
        self.load = 0
        executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")
        SyncToAsync.context_to_thread_executor[self.context] = executor


class PooledHandler(ASGIHandler):
    """Django's handler, its requests seated in `THREADS` threads."""

    def __init__(self) -> None:
        super().__init__()
        self._seats = [_Seat() for _ in range(THREADS)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await _lifespan(receive, send)
            return
        seat = min(self._seats, key=lambda s: s.load)
        seat.load += 1
        token = SyncToAsync.thread_sensitive_context.set(seat.context)
        try:
            await self.handle(dict(scope), receive, send)
        finally:
            seat.load -= 1
            SyncToAsync.thread_sensitive_context.reset(token)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        kind = message["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return


def make() -> PooledHandler:
    """The application, Django set up."""
    django.setup(set_prefix=False)
    return PooledHandler()


application = make()
