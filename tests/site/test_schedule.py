"""Recurring work and jobs go on whatever fails."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator

import pytest
from django.db import DatabaseError
from huey import MemoryHuey

from relance.site import schedule
from relance.site.schedule import Recurring


@pytest.fixture
def own_queue(monkeypatch: pytest.MonkeyPatch) -> MemoryHuey:
    queue = MemoryHuey("tests", results=False)
    monkeypatch.setattr(schedule, "queue", queue)
    return queue


@pytest.fixture
def stopping(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """What TERM sets."""
    event = threading.Event()
    monkeypatch.setattr(schedule, "_STEP", 0.01)
    monkeypatch.setattr(schedule, "_PAUSE", 0.01)
    yield event
    event.set()


def test_everything_recurring_can_be_done(db: None) -> None:
    for row in schedule.table():
        row.work()


def test_names_are_said_once() -> None:
    names = [row.name for row in schedule.table()]
    assert len(names) == len(set(names))


@pytest.mark.django_db(transaction=True)
class TestRunning:
    def test_a_piece_of_work_that_fails_stops_no_other(
        self,
        own_queue: MemoryHuey,
        stopping: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        done: list[str] = []

        def fail() -> None:
            done.append("fail")
            raise ValueError("broken")

        def refuse() -> None:
            raise DatabaseError("locked")

        def work() -> None:
            done.append("work")
            if done.count("work") == 3:
                stopping.set()

        rows = [Recurring("a", 0, fail), Recurring("b", 0, refuse), Recurring("c", 0, work)]
        monkeypatch.setattr(schedule, "table", lambda: rows)

        with caplog.at_level(logging.WARNING):
            schedule.work(stopping)

        assert done == ["fail", "work"] * 3
        assert "a failed" in caplog.text
        assert "b: the database refused" in caplog.text

    def test_what_is_not_due_waits(
        self,
        own_queue: MemoryHuey,
        stopping: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        done: list[str] = []
        threading.Timer(0.2, stopping.set).start()
        row = Recurring("daily", 86_400, lambda: done.append("daily"))
        monkeypatch.setattr(schedule, "table", lambda: [row])

        schedule.work(stopping)

        assert done == ["daily"]

    def test_a_task_that_fails_stops_no_other(
        self,
        own_queue: MemoryHuey,
        stopping: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        done: list[int] = []

        @own_queue.task()  # type: ignore[untyped-decorator]
        def task(number: int) -> None:
            if number == 1:
                raise ValueError("broken")
            done.append(number)
            if len(done) == 3:
                stopping.set()

        monkeypatch.setattr(schedule, "table", list)
        for number in range(4):
            task(number)
        threading.Timer(10, stopping.set).start()

        schedule.work(stopping)

        assert sorted(done) == [0, 2, 3]

    def test_a_queue_that_fails_is_asked_again(
        self,
        own_queue: MemoryHuey,
        stopping: threading.Event,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        asked: list[int] = []

        def dequeue() -> None:
            asked.append(1)
            if len(asked) > 5:
                stopping.set()
            raise OSError("the file of the queue is gone")

        monkeypatch.setattr(own_queue, "dequeue", dequeue)
        monkeypatch.setattr(schedule, "table", list)
        threading.Timer(10, stopping.set).start()

        schedule.work(stopping)

        assert len(asked) > 5
