"""The parse process: started when needed, watched, replaced when it dies.

Its protocol is described in `relance.mime.worker`. A mail may kill it; the caller has counted the
attempt before, and decides what becomes of that mail.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence

from relance.mime.message import ParsedMessage

_LENGTH = struct.Struct(">I")
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT}
_ENDS_WITHIN = 2.0  # seconds, once it has closed its output
_COMMAND = [sys.executable, "-m", "relance.mime.worker"]


class ParserDied(Exception):
    """The process ended before it had answered.

    `answers` holds what it gave before; `status` is its exit status, negative for a signal.
    """

    def __init__(self, answers: list[ParsedMessage], status: int = 0) -> None:
        super().__init__(f"the parse process died after {len(answers)} answers")
        self.answers = answers
        self.status = status

    @property
    def was_killed(self) -> bool:
        """Did somebody else end it (an administrator, a system short of memory)? Then the mail
        it was reading may be innocent; its own bounds end it otherwise."""
        return self.status in _FROM_OUTSIDE


class Parser:
    """One parse process. Not for several threads at once."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def parse(self, raws: Sequence[bytes]) -> list[ParsedMessage]:
        """Parse these sources, in order. Raises `ParserDied` with what was done before."""
        process = self._running()
        answers: list[ParsedMessage] = []
        feeder = threading.Thread(target=_feed, args=(process, raws), daemon=True)
        feeder.start()
        try:
            for _ in raws:
                answers.append(_answer(process))
        except EOFError:
            status = _status(process)
            self.stop()
            feeder.join()
            raise ParserDied(answers, status) from None
        feeder.join()
        return answers

    def stop(self) -> None:
        """End the process, at once."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.stop()
            self._process = subprocess.Popen(
                _COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process


def _status(process: subprocess.Popen[bytes]) -> int:
    with contextlib.suppress(subprocess.TimeoutExpired):
        return process.wait(_ENDS_WITHIN)
    return 0


def _feed(process: subprocess.Popen[bytes], raws: Sequence[bytes]) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError, ValueError):  # it died: the reader notices
        for raw in raws:
            process.stdin.write(_LENGTH.pack(len(raw)))
            process.stdin.write(raw)
        process.stdin.flush()


def _answer(process: subprocess.Popen[bytes]) -> ParsedMessage:
    assert process.stdout is not None
    head = process.stdout.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (length,) = _LENGTH.unpack(head)
    data = process.stdout.read(length)
    if len(data) < length:
        raise EOFError
    message = pickle.loads(data)  # noqa: S301 (written by our own child, from bytes it parsed)
    assert isinstance(message, ParsedMessage)
    return message
