"""Fetching many messages: commands in flight while answers are read.

A round trip per message, or a parser per octet, is what makes clients slow. Here UIDs go out in
batches, a few batches ahead of what has come back (RFC 9051, section 5.5 allows it: FETCH commands
are not ambiguous among themselves), and each response is read once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from relance.wire.imap.dialogue import LITERAL_LIMIT, Dialogue, Line, ended, require_ok
from relance.wire.imap.fetched import FetchItem, read_fetch
from relance.wire.imap.uids import batches, compact

# 80 UIDs of ten digits stay under a line of 900 octets.
BATCH: Final = 80
WINDOW: Final = 4


class Fetching:
    """One bulk fetch over a dialogue.

    A batch answered with NO (a server that cannot read one of its own messages) is asked again,
    message by message; those still refused end in ``refused`` and stop nobody else.
    """

    def __init__(self, dialogue: Dialogue, items: bytes, *, literal_limit: int) -> None:
        self._dialogue = dialogue
        self._items = items
        self._literal_limit = literal_limit
        self._queue: deque[tuple[int, ...]] = deque()
        self._in_flight: dict[bytes, tuple[int, ...]] = {}
        self._wanted: set[int] = set()
        self.refused: set[int] = set()

    def run(self, uids: Sequence[int], *, bodies: bool) -> Iterator[FetchItem]:
        """Yield each message once, batch by batch in the order given.

        ``bodies``: only answers that carry a body count, the others are unsolicited news.
        """
        self._wanted = set(uids)
        self._queue.extend(batches(uids, BATCH))
        try:
            while self._queue or self._in_flight:
                self._send_ahead()
                item = self._next_item()
                if item is None or item.uid not in self._wanted:
                    continue
                if bodies and item.body is None:
                    continue
                self._wanted.discard(item.uid)
                yield item
        finally:
            self._dialogue.abandon(set(self._in_flight))

    def _send_ahead(self) -> None:
        while self._queue and len(self._in_flight) < WINDOW:
            batch = self._queue.popleft()
            tag = self._dialogue.send(b"UID FETCH", compact(batch), self._items)
            self._in_flight[tag] = batch

    def _next_item(self) -> FetchItem | None:
        line = self._dialogue.read(literal_limit=self._literal_limit)
        if line.tag == b"*":
            return read_fetch(line)
        batch = self._in_flight.pop(line.tag, None)
        if batch is not None:
            self._end_batch(line, batch)
        return None

    def _end_batch(self, line: Line, batch: tuple[int, ...]) -> None:
        answer = ended(line, [])
        if answer.status == "OK":
            return
        if answer.status != "NO":
            require_ok(answer)
        missing = [uid for uid in batch if uid in self._wanted]
        if len(batch) == 1:
            self.refused.update(missing)
        else:
            self._queue.extendleft((uid,) for uid in reversed(missing))


def fetch_items(
    dialogue: Dialogue, uids: Sequence[int], items: bytes, *, literal_limit: int = LITERAL_LIMIT
) -> Iterable[FetchItem]:
    """Yield answers without bodies (sizes, dates) for ``uids``."""
    return Fetching(dialogue, items, literal_limit=literal_limit).run(uids, bodies=False)
