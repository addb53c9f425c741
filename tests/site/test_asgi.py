"""Requests share a few threads, and each thread keeps its database connection."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.contrib.auth.decorators import login_not_required
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from pytest_django import Settings

from relance.site.asgi import THREADS, PooledHandler

Answer = tuple[int, bytes]
seen: list[tuple[int, int]] = []  # (thread, connection) of each answer
turn = threading.Barrier(2, timeout=5)


@login_not_required
def where(_request: HttpRequest) -> HttpResponse:
    """Which thread answers, and over which database connection."""
    connection.ensure_connection()
    seen.append((threading.get_ident(), id(connection.connection)))
    return HttpResponse()


@login_not_required
def together(_request: HttpRequest) -> HttpResponse:
    """Answers only when two requests are in at the same time."""
    turn.wait()
    return HttpResponse(str(threading.get_ident()))


@login_not_required
async def stream(_request: HttpRequest) -> StreamingHttpResponse:
    async def events() -> AsyncIterator[bytes]:
        while True:
            yield b": still here\n\n"
            await asyncio.sleep(0.01)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


urlpatterns = [path("where/", where), path("together/", together), path("stream/", stream)]


@pytest.fixture
def handler(settings: Settings) -> Iterator[PooledHandler]:
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = []
    seen.clear()
    made = PooledHandler()
    yield made
    made.close()


def scope(address: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "path": address,
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }


def asks() -> Callable[[], Coroutine[Any, Any, dict[str, Any]]]:
    """A visitor who asks once, then stays."""
    messages = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> dict[str, Any]:
        for message in messages:
            return message
        await asyncio.Event().wait()
        raise AssertionError

    return receive


async def open_stream(handler: PooledHandler) -> asyncio.Task[None]:
    """A page's stream of events, once its first event has come."""
    begun = asyncio.Event()

    async def send(message: Any) -> None:
        if message.get("body"):
            begun.set()

    page = asyncio.create_task(handler(scope("/stream/"), asks(), send))
    await asyncio.wait_for(begun.wait(), 5)
    return page


async def get(handler: PooledHandler, address: str) -> Answer:
    """Status and body of a request that stays connected until it is answered."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    await handler(scope(address), asks(), send)
    return sent[0]["status"], b"".join(m.get("body", b"") for m in sent[1:])


def loads(handler: PooledHandler) -> list[int]:
    return [seat.load for seat in handler._seats]


def run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(work())


@pytest.mark.django_db(transaction=True)
class TestThreads:
    def test_one_request_after_another_reuses_the_connection(self, handler: PooledHandler) -> None:
        async def work() -> None:
            for _ in range(5):
                assert (await get(handler, "/where/"))[0] == 200

        run(work)

        assert len(set(seen)) == 1
        assert seen[0][0] != threading.get_ident()

    def test_many_requests_share_four_threads(self, handler: PooledHandler) -> None:
        async def work() -> None:
            answers = await asyncio.gather(*(get(handler, "/where/") for _ in range(40)))
            assert {status for status, _ in answers} == {200}

        run(work)

        assert len({connection for _, connection in seen}) <= THREADS
        assert len({thread for thread, _ in seen}) <= THREADS

    def test_two_requests_run_at_the_same_time(self, handler: PooledHandler) -> None:
        async def work() -> None:
            one, two = await asyncio.gather(*(get(handler, "/together/") for _ in range(2)))
            assert one[0] == two[0] == 200
            assert one[1] != two[1]

        run(work)

    def test_a_request_that_fails_leaves_its_seat(self, handler: PooledHandler) -> None:
        async def work() -> None:
            assert (await get(handler, "/nowhere/"))[0] == 404

        run(work)

        assert loads(handler) == [0] * THREADS


@pytest.mark.django_db(transaction=True)
class TestStreams:
    def test_one_does_not_occupy_a_seat(self, handler: PooledHandler) -> None:
        async def work() -> None:
            page = await open_stream(handler)
            assert loads(handler) == [0] * THREADS
            assert (await get(handler, "/where/"))[0] == 200
            page.cancel()
            await asyncio.gather(page, return_exceptions=True)
            assert loads(handler) == [0] * THREADS

        run(work)

    def test_all_end_when_the_server_ends(self, handler: PooledHandler) -> None:
        async def work() -> None:
            pages = [await open_stream(handler) for _ in range(3)]
            handler.end_streams()
            await asyncio.wait_for(asyncio.gather(*pages), 2)

        run(work)


@pytest.mark.django_db(transaction=True)
def test_the_end_of_the_server_closes_connections_and_threads(settings: Settings) -> None:
    settings.ROOT_URLCONF, settings.MIDDLEWARE = __name__, []
    handler, closed = PooledHandler(), []
    seats = [seat.context for seat in handler._seats]
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent = []

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def work() -> None:
        await get(handler, "/where/")
        handler._seats[0].executor.submit(
            lambda: setattr(
                connections["default"],
                "close",
                lambda: closed.append(threading.current_thread().name),
            )
        )
        await handler({"type": "lifespan"}, receive, send)

    run(work)

    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert [name.startswith("page") for name in closed] == [True]
    assert not any(seat in SyncToAsync.context_to_thread_executor for seat in seats)
