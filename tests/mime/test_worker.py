"""The parse process: its protocol, its bounds, its death."""

import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from relance.mime.indexing import words_of
from relance.mime.message import ParsedMessage
from relance.mime.parse import parse
from relance.mime.worker import EXIT_MEMORY, LONGEST
from tests.mime.letters import letter

LENGTH = struct.Struct(">I")


class Process:
    """A parse process, seen from its parent."""

    def __init__(self, code: str = "") -> None:
        command = [sys.executable, "-m", "relance.mime.worker"]
        if code:
            command = [sys.executable, "-c", f"{code}\nw.main()"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def send(self, *mails: bytes) -> None:
        assert self.process.stdin
        for raw in mails:
            self.process.stdin.write(LENGTH.pack(len(raw)) + raw)
        self.process.stdin.flush()

    def answer(self) -> ParsedMessage | None:
        assert self.process.stdout
        head = self.process.stdout.read(4)
        if len(head) < 4:
            return None
        message = pickle.loads(self.process.stdout.read(*LENGTH.unpack(head)))
        assert isinstance(message, ParsedMessage)
        return message

    def end(self) -> int:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        code = self.process.wait(20)
        self.process.stdout.close()
        return code


@pytest.fixture
def worker() -> Iterator[Process]:
    started = Process()
    yield started
    started.process.kill()
    started.process.wait()


def said(raw: bytes) -> ParsedMessage:
    """What parsing gives, and the words to find it by."""
    message = parse(raw)
    return replace(message, words=words_of(message))


def test_answers_are_what_parsing_gives(worker: Process) -> None:
    worker.send(letter())
    assert worker.answer() == said(letter())
    assert worker.end() == 0


def test_frames_may_be_sent_ahead_and_are_answered_in_order(worker: Process) -> None:
    mails = [letter(b"%d " % n * 5_000) for n in range(200)]
    feeder = threading.Thread(target=worker.send, args=mails)
    feeder.start()
    answers = [worker.answer() for _ in mails]
    feeder.join()
    assert [a.text.split()[0] for a in answers if a] == [str(n) for n in range(200)]


def test_an_empty_frame_is_an_empty_mail(worker: Process) -> None:
    worker.send(b"")
    assert worker.answer() == said(b"")


def test_a_frame_cut_short_ends_the_process(worker: Process) -> None:
    assert worker.process.stdin
    worker.process.stdin.write(LENGTH.pack(100) + b"abc")
    assert worker.end() == 0


def test_it_is_light() -> None:
    started = Process()
    started.send(letter())
    started.answer()
    with open(f"/proc/{started.process.pid}/status", encoding="ascii") as status:
        resident = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    started.end()
    assert resident < 30_000


def test_a_mail_beyond_the_longest_is_read_from_its_beginning(worker: Process) -> None:
    raw = letter(b"x" * (LONGEST + 5_000_000))
    feeder = threading.Thread(target=worker.send, args=(raw, letter()))
    feeder.start()
    first, second = worker.answer(), worker.answer()
    feeder.join()
    assert first
    assert first.size == len(raw)
    assert "source-cut-short" in first.defects
    assert first.subject == "Devis"
    assert second
    assert second.text == "Bonjour"


PARTS = b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        letter(b"QUJD" * 11_000_000, b"Content-Transfer-Encoding: base64"),
        letter(b"=41" * 14_000_000, b"Content-Transfer-Encoding: quoted-printable"),
        letter(b"\xe9" * 44_000_000, b"Content-Type: text/html; charset=utf-8"),
        letter(b"\r\n" * 22_000_000),
        letter(PARTS * 400_000, b'Content-Type: multipart/mixed; boundary="b"'),
        b"a:b\n" * 11_000_000,
        b"To: " + b"a@b," * 11_000_000,
    ],
    ids=[
        "base64",
        "quoted-printable",
        "false utf-8",
        "empty lines",
        "parts",
        "fields",
        "addresses",
    ],
)
def test_the_largest_mails_fit_in_its_memory_and_its_seconds(worker: Process, raw: bytes) -> None:
    feeder = threading.Thread(target=worker.send, args=(raw,))
    feeder.start()
    answer = worker.answer()
    feeder.join()
    assert answer
    assert answer.size == len(raw)
    assert worker.end() == 0


def test_a_mail_that_takes_too_long_kills_it_after_earlier_answers_were_given() -> None:
    started = Process(
        "import relance.mime.worker as w\n"
        "w.SECONDS, parse = 0.2, w.parse\n"
        "def slow(raw):\n"
        "    while b'slow' in raw: pass\n"
        "    return parse(raw)\n"
        "w.parse = slow"
    )
    started.send(letter(b"first"), letter(b"slow"), letter(b"third"))
    first = started.answer()
    assert first
    assert first.text == "first"
    assert started.answer() is None
    assert started.process.wait(20) == -signal.SIGPROF


def test_a_mail_that_takes_too_much_memory_kills_it() -> None:
    started = Process(
        "import relance.mime.worker as w\nw.parse = lambda raw: bytearray(600_000_000)"
    )
    started.send(letter())
    assert started.answer() is None
    assert started.process.wait(20) == EXIT_MEMORY
