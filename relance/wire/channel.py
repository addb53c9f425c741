"""A buffered socket for line protocols with counted blocks.

One reader for blocking use (``line``, ``exact``) and for one selector thread (``pump``,
``take_line``). Every wait is bounded, every line has a limit, and a counted block is never
allocated before its bytes have come.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import Final

from relance.wire import tls
from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard, open_socket

LINE_LIMIT: Final = 1 << 20
_CHUNK: Final = 256 * 1024
# A counted block may take longer than one timeout, but not at less than this speed.
_SLOWEST_BYTES_PER_S: Final = 2_000


class Channel:
    """A connection owned by one thread at a time."""

    def __init__(self, sock: socket.socket, *, timeout: float) -> None:
        self.sock = sock
        self.timeout = timeout
        self._buffer = b""
        self._at = 0
        self._patience = 1.0
        sock.settimeout(timeout)

    @classmethod
    def connect(cls, host: str, port: int, *, guard: Guard, timeout: float) -> Channel:
        """Open a channel through the guard."""
        return cls(open_socket(host, port, guard=guard, timeout=timeout), timeout=timeout)

    @property
    def buffered(self) -> int:
        """Bytes already read from the socket and not yet taken."""
        return len(self._buffer) - self._at

    def fileno(self) -> int:
        """The descriptor, for selectors."""
        return self.sock.fileno()

    def start_tls(self, host: str, *, verify: bool) -> None:
        """Negotiate TLS. Raises ``protocol`` when plain text was injected before it."""
        if self.buffered:
            self.close()
            raise PermanentFailure("protocol", "data before the TLS negotiation")
        self.sock = tls.wrap(self.sock, host, verify=verify)

    def send(self, data: bytes) -> None:
        """Send everything. Raises ``timeout`` or ``disconnected``."""
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise _broken(error) from error

    def line(self, limit: int = LINE_LIMIT) -> bytes:
        """Read one line with its line end. Raises ``protocol`` beyond ``limit`` bytes."""
        deadline = 0.0
        searched = self._at
        while (end := self._buffer.find(b"\n", searched)) < 0:
            deadline = deadline or time.monotonic() + self.timeout * self._patience
            searched = self.buffered
            if searched > limit:
                raise PermanentFailure("protocol", "a line passes its limit")
            self._fill(deadline)
        line = self._buffer[self._at : end + 1]
        self._at = end + 1
        return line

    def exact(self, size: int) -> bytes:
        """Read exactly ``size`` bytes."""
        if self.buffered >= size:
            block = self._buffer[self._at : self._at + size]
            self._at += size
            return block
        return b"".join(_Blocks(self, size))

    def prefix(self, size: int, keep: int) -> bytes:
        """Read ``size`` bytes, return the first ``keep`` and forget the others."""
        head = bytearray()
        for block in _Blocks(self, size):
            if len(head) < keep:
                head += block[: keep - len(head)]
        return bytes(head)

    def _fill(self, deadline: float) -> None:
        block = self.receive(_CHUNK, deadline)
        rest = self._buffer[self._at :] if self._at < len(self._buffer) else b""
        self._buffer = rest + block if rest else block
        self._at = 0

    def receive(self, size: int, deadline: float) -> bytes:
        """Read up to ``size`` bytes from the socket itself, before ``deadline``."""
        if time.monotonic() > deadline:
            raise TransientFailure("timeout", "the server is too slow")
        try:
            block = self.sock.recv(size)
        except OSError as error:
            raise _broken(error) from error
        if not block:
            raise TransientFailure("disconnected", "the server closed the connection")
        return block

    def take_buffered(self, size: int) -> bytes:
        """Take at most ``size`` bytes already read."""
        block = self._buffer[self._at : self._at + size]
        self._at += len(block)
        return block

    def wait_longer(self, times: float) -> None:
        """Allow the next answers ``times`` the usual timeout (1 for the usual one)."""
        self._patience = times
        self.sock.settimeout(self.timeout * times)

    def set_blocking(self, blocking: bool) -> None:
        """Switch between a thread of one's own (with the timeout) and a selector."""
        try:
            self.sock.settimeout(self.timeout if blocking else 0.0)
        except OSError as error:
            raise _broken(error) from error

    def pump(self) -> None:
        """Read what is there without waiting, TLS records already decrypted included."""
        for _ in range(16):
            try:
                block = self.sock.recv(_CHUNK)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                raise _broken(error) from error
            if not block:
                raise TransientFailure("disconnected", "the server closed the connection")
            self._buffer = self._buffer[self._at :] + block
            self._at = 0
            if not self.pending:
                return

    @property
    def pending(self) -> bool:
        """Decrypted bytes wait inside TLS, which no selector can see."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def take_line(self, limit: int = LINE_LIMIT) -> bytes | None:
        """Take one line already read, or None."""
        end = self._buffer.find(b"\n", self._at)
        if end < 0:
            if self.buffered > limit:
                raise PermanentFailure("protocol", "a line passes its limit")
            return None
        line = self._buffer[self._at : end + 1]
        self._at = end + 1
        return line

    def send_some(self, data: bytes) -> int:
        """Send without waiting and return how many bytes left."""
        try:
            return self.sock.send(data)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return 0
        except OSError as error:
            raise _broken(error) from error

    def close(self) -> None:
        """Close at once; safe to call twice, and from another thread to stop a wait."""
        with contextlib.suppress(OSError):  # never connected, or already gone
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)
        self.sock.close()


class _Blocks:
    """The bytes of one counted block as they come, bounded in time."""

    def __init__(self, channel: Channel, size: int) -> None:
        self._channel = channel
        self._left = size
        slowest = size / _SLOWEST_BYTES_PER_S
        self._deadline = time.monotonic() + channel.timeout + slowest

    def __iter__(self) -> _Blocks:
        return self

    def __next__(self) -> bytes:
        if not self._left:
            raise StopIteration
        block = self._channel.take_buffered(self._left)
        if not block:
            block = self._channel.receive(min(self._left, _CHUNK), self._deadline)
        self._left -= len(block)
        return block


def _broken(error: OSError) -> WireError:
    if isinstance(error, TimeoutError):
        return TransientFailure("timeout", "the server did not answer in time")
    return TransientFailure("disconnected", f"the connection broke ({type(error).__name__})")
