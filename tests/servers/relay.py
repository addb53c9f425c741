"""A TCP relay that cuts, delays, stalls and rewrites, between a client and a real server."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from types import TracebackType
from typing import Self


class Relay:
    """Forward loopback connections to ``target``.

    The attributes may be changed at any time and hold for every connection:
    ``cut_after``  close both sides after so many bytes from the server (counted per connection);
    ``cut_up_after``  the same for bytes from the client;
    ``stall_after``  fall silent, connection open, after so many bytes from the server;
    ``delay``  seconds to wait before each piece from the server;
    ``mask``  (old, new) byte strings replaced in what the server says.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.cut_after: int | None = None
        self.cut_up_after: int | None = None
        self.stall_after: int | None = None
        self.delay = 0.0
        self.mask: list[tuple[bytes, bytes]] = []
        self.connections = 0
        self.bytes_down = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = "127.0.0.1"
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self.connections += 1
            self._open += [client, server]
            for args in ((server, client, True), (client, server, False)):
                threading.Thread(target=self._pump, args=args, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, down: bool) -> None:
        passed = 0
        try:
            while data := source.recv(65536):
                if down:
                    data = self._altered(data)
                limit = self.cut_after if down else self.cut_up_after
                if limit is not None and passed + len(data) >= limit:
                    sink.sendall(data[: limit - passed])
                    break
                if down and self._stalls(passed, data, sink):
                    continue
                sink.sendall(data)
                passed += len(data)
                self.bytes_down += len(data) if down else 0
        except OSError:
            pass
        for sock in (source, sink):
            _close(sock)

    def _altered(self, data: bytes) -> bytes:
        if self.delay:
            time.sleep(self.delay)
        for old, new in self.mask:
            data = data.replace(old, new)
        return data

    def _stalls(self, passed: int, data: bytes, sink: socket.socket) -> bool:
        if self.stall_after is None or passed + len(data) < self.stall_after:
            return False
        sink.sendall(data[: max(0, self.stall_after - passed)])
        self.stall_after = 0
        return True

    def cut(self) -> None:
        """Cut every connection now; new ones are accepted."""
        for sock in self._open:
            _close(sock)
        self._open.clear()

    def stop(self) -> None:
        """Cut everything and listen no more."""
        _close(self._listener)
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _close(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
    sock.close()
