"""A server that says exactly what a test tells it to, for what no real server would say."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Self

Script = Callable[["Line"], None]


class Line:
    """One accepted connection: ``read`` a line, ``say`` bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._file: BinaryIO = sock.makefile("rb")

    def read(self) -> bytes:
        """Read one line, without its end; empty at the end of the connection."""
        return self._file.readline().rstrip(b"\r\n")

    def say(self, *lines: bytes) -> None:
        """Send lines, each with CRLF."""
        self.sock.sendall(b"".join(line + b"\r\n" for line in lines))

    def raw(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.sock.sendall(data)

    def wait(self) -> None:
        """Say nothing more until the client leaves."""
        while self._file.readline():
            pass


class Scripted:
    """Run ``script`` for each connection, then close it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.host = "127.0.0.1"
        self.port = int(self._listener.getsockname()[1])
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock:
            try:
                self._script(Line(sock))
            except OSError:
                return  # the client left in the middle

    def stop(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def imap_script(
    answer: Callable[[Line, bytes, bytes], bool],
    *,
    capabilities: bytes = b"IMAP4rev1",
    exists: int = 3,
) -> Script:
    """Return a script that logs anybody in, opens any folder, and asks ``answer`` for the rest.

    ``answer(line, tag, command)`` returns True when it has dealt with the command; otherwise a
    plain OK is sent.
    """

    def script(line: Line) -> None:
        line.say(b"* OK [CAPABILITY " + capabilities + b"] hello")
        while text := line.read():
            tag, _, command = text.partition(b" ")
            if answer(line, tag, command):
                continue
            verb = command.split(b" ", 1)[0].upper()
            if verb == b"CAPABILITY":
                line.say(b"* CAPABILITY " + capabilities)
            elif verb in (b"SELECT", b"EXAMINE"):
                line.say(b"* %d EXISTS" % exists, b"* OK [UIDVALIDITY 7] ok", b"* OK [UIDNEXT 9]")
            line.say(tag + b" OK done")

    return script
