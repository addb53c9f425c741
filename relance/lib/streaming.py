"""Answers written out piece by piece, while they are being made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


class Sink:
    """A file that is only written to: what was written since is taken out again at once."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        return

    def take(self) -> bytes:
        data = b"".join(self._pieces)
        self._pieces.clear()
        return data


async def asynchronous(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces for a server that would read a plain iterator whole before it answers."""
    following = sync_to_async(lambda: next(pieces, None))
    while (piece := await following()) is not None:
        yield piece
