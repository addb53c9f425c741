"""The parse process: answers in order, replaced when it dies, deaths told apart."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from relance.mail import parsing
from relance.mail.models import MessageCopy
from relance.mail.parsing import Parser, ParserDied
from relance.mail.sync.pipeline import recover
from relance.mime.message import ParsedMessage
from relance.users.models import User
from tests.mail.local import letter, local


@pytest.fixture
def parser() -> Iterator[Parser]:
    made = Parser()
    yield made
    made.stop()


def slow_process(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Have the parser start this instead of the real worker."""
    monkeypatch.setattr(parsing, "_COMMAND", [sys.executable, "-c", script])


def test_answers_come_in_order_from_one_process(parser: Parser) -> None:
    raws = [letter(f"m{n}@x", subject=f"Sujet {n}") for n in range(40)]
    assert [m.subject for m in parser.parse(raws)] == [f"Sujet {n}" for n in range(40)]
    first = parser.pid
    parser.parse(raws[:1])
    assert parser.pid == first


def test_more_than_both_pipes_hold_does_not_lock_up(parser: Parser) -> None:
    raws = [letter("m@x") + b"mot " * 500_000 for _ in range(6)]
    assert len(parser.parse(raws)) == 6


def test_a_killed_process_is_told_apart_and_the_next_call_starts_another(parser: Parser) -> None:
    parser.parse([letter("a@x")])
    pid = parser.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    threading.Timer(0.2, os.kill, (pid, signal.SIGKILL)).start()
    with pytest.raises(ParserDied) as death:
        parser.parse([letter("b@x")])
    assert death.value.was_killed
    assert death.value.answers == []
    assert parser.parse([letter("c@x")])[0].message_id == "c@x"
    assert parser.pid != pid


def test_one_that_ends_itself_keeps_the_answers_it_gave(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_process(
        monkeypatch,
        "import sys, os, pickle, signal\n"
        "from relance.mime import worker\n"
        "source, sink = sys.stdin.buffer, sys.stdout.buffer\n"
        "for n in range(2):\n"
        "    frame = worker.read_frame(source)\n"
        "    worker.write_frame(sink, pickle.dumps(worker.answer(*frame)))\n"
        "os.kill(os.getpid(), signal.SIGPROF)\n",
    )
    with pytest.raises(ParserDied) as death:
        parser.parse([letter(f"m{n}@x") for n in range(5)])
    assert [m.message_id for m in death.value.answers] == ["m0@x", "m1@x"]
    assert not death.value.was_killed


class Killed(Parser):
    """Ended from outside so many times, then well."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def parse(self, raws: object) -> list[ParsedMessage]:
        if self.times:
            self.times -= 1
            raise ParserDied([], -signal.SIGKILL)
        return super().parse(raws)  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("times", "stage"), [(1, "PLACED"), (2, "PLACED"), (3, "QUARANTINED"), (99, "QUARANTINED")]
)
def test_kills_from_outside_condemn_a_mail_only_when_they_never_end(
    owner: User, times: int, stage: str
) -> None:
    here = local(owner)
    copy = here.one(letter("a@x"))
    MessageCopy.objects.filter(pk=copy.pk).update(stage=MessageCopy.Stage.KEPT)
    copy.refresh_from_db()
    parser = Killed(times)
    recover(here.account, [copy], parser)
    parser.stop()
    copy.refresh_from_db()
    assert copy.stage == MessageCopy.Stage[stage]


def test_stopping_ends_the_process_at_once(parser: Parser) -> None:
    parser.parse([letter("a@x")])
    pid = parser.pid
    started = time.monotonic()
    parser.stop()
    assert time.monotonic() - started < 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid or 0, 0)
