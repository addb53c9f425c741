"""Fetch, parse, keep and place side by side.

One thread reads from the server, hashes and compresses; the parse process works on a batch while
this thread writes the one before. A batch is at most `BATCH` mails or `BATCH_BYTES`.

Ordinarily a batch is kept and placed in one transaction. When the parse process died of it, all of
it is kept first, and each mail is tried alone with its attempts counted. When it may have been us
who died of it (the mailbox's last run did not end), every batch is kept first: `is_careful`.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from django.conf import settings

from relance.mail import sources, store
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.mail.parsing import Parser, ParserDied
from relance.mail.store import Arrival
from relance.mime.message import ParsedMessage
from relance.wire.imap import ImapSession

BATCH = 200
FIRST_BATCH = 50
BATCH_BYTES = 8_000_000
_WAITING_BATCHES = 1
_ATTEMPTS = 10
_KILLS = 3
Pairs = list[tuple[Arrival, ParsedMessage]]


class Pipeline:
    """For one mailbox at a time. `on_placed` is told how many were placed after each batch."""

    def __init__(
        self, account: MailAccount, parser: Parser, on_placed: Callable[[int], None]
    ) -> None:
        self.account = account
        self.parser = parser
        self.on_placed = on_placed
        self.is_careful = account.attempts > 1

    def run(
        self,
        folder: Folder,
        session: ImapSession,
        uids: Sequence[int],
        *,
        is_history: bool,
        adopt: Callable[[list[Arrival]], list[Arrival]] | None = None,
    ) -> None:
        """Fetch these UIDs of the selected folder, in the order given, and place them all.

        `adopt` may take out mails that are copies we have already (moved by us, or the folder was
        numbered anew). Raises `WireError` when the connection fails; what was kept stays.
        """
        batches = _Reader(session, uids)
        before: _Batch | None = None
        with ThreadPoolExecutor(1, thread_name_prefix="parse") as pool:
            try:
                for fetched in batches:
                    batch = _Batch(folder, adopt(fetched) if adopt else fetched, is_history)
                    if self.is_careful:
                        batch.copies = store.keep(folder, batch.arrivals, is_history=is_history)
                    batch.parsing = pool.submit(self._parse, batch.arrivals)
                    self._settle(before)
                    before = batch
            finally:
                batches.stop()
                self._settle(before)

    def _parse(self, arrivals: Sequence[Arrival]) -> Pairs:
        """Parse a batch; of one that the process died of, nothing is taken."""
        try:
            answers = self.parser.parse([a.raw for a in arrivals])
        except ParserDied:
            return []
        return list(zip(arrivals, answers, strict=True))

    def _settle(self, batch: _Batch | None) -> None:
        """Keep and place a batch, whatever became of its parsing."""
        if batch is None:
            return
        pairs = batch.parsing.result() if batch.parsing else []
        if pairs and batch.copies is not None:
            parsed = {a.uid: p for a, p in pairs}
            store.place(self.account, [(c, parsed[c.uid or 0]) for c in batch.copies])
        elif pairs:
            store.keep_and_place(self.account, batch.folder, pairs, is_history=batch.is_history)
        else:
            store.keep(batch.folder, batch.arrivals, is_history=batch.is_history)
            self._one_by_one(batch)
        self.on_placed(len(batch.arrivals))

    def _one_by_one(self, batch: _Batch) -> None:
        uids = [a.uid for a in batch.arrivals]
        kept = MessageCopy.objects.filter(
            folder=batch.folder,
            uidvalidity=batch.folder.uidvalidity,
            uid__in=uids,
            stage=MessageCopy.Stage.KEPT,
        )
        recover(self.account, list(kept.select_related("folder")), self.parser)


@dataclass(slots=True)
class _Batch:
    """What was fetched together, and is being parsed."""

    folder: Folder
    arrivals: Sequence[Arrival]
    is_history: bool
    parsing: Future[Pairs] | None = None
    copies: list[MessageCopy] | None = None  # where they were kept before they were parsed


def recover(account: MailAccount, copies: Sequence[MessageCopy], parser: Parser) -> None:
    """Mails kept but not placed (a process died): each alone, its attempts counted before.

    One that passes the parser's bounds when alone is set aside: the second death it was near.
    """
    for copy in copies:
        source = sources.source_of(copy)
        parsed = _alone(copy, source, parser)
        if parsed is None:
            store.set_aside(account, copy, source)
        else:
            store.place(account, [(copy, parsed)])


def _alone(copy: MessageCopy, source: bytes, parser: Parser) -> ParsedMessage | None:
    """Parse one mail; None when it must not be tried again.

    A kill from outside, of the parser or of us, is held against the mail only when it happens
    every time: one that has the system kill us for its memory looks the same.
    """
    for _ in range(_KILLS):
        if copy.attempts >= _ATTEMPTS:
            return None
        copy.attempts += 1
        MessageCopy.objects.filter(pk=copy.pk).update(attempts=copy.attempts)
        try:
            return parser.parse([source])[0]
        except ParserDied as death:
            if not death.was_killed:
                return None
    return None


class _Reader:
    """The reading thread: batches of arrivals, ready to be kept."""

    def __init__(self, session: ImapSession, uids: Sequence[int]) -> None:
        self._batches: queue.Queue[list[Arrival] | BaseException | None] = queue.Queue(
            _WAITING_BATCHES
        )
        self._stopped = threading.Event()
        self._session = session
        self._thread = threading.Thread(
            target=self._run, args=(session, uids), name="fetch", daemon=True
        )
        self._thread.start()

    def __iter__(self) -> Iterator[list[Arrival]]:
        while (batch := self._batches.get()) is not None:
            if isinstance(batch, BaseException):
                raise batch
            yield batch

    def stop(self) -> None:
        """End the thread. One still reading (we failed) has its connection cut."""
        self._stopped.set()
        if self._thread.is_alive():
            while not self._batches.empty():
                self._batches.get_nowait()
            self._thread.join(0.2)
        if self._thread.is_alive():
            self._session.abort()
            while self._thread.is_alive():
                while not self._batches.empty():
                    self._batches.get_nowait()
                self._thread.join(0.05)

    def _run(self, session: ImapSession, uids: Sequence[int]) -> None:
        try:
            for batch in _batched(_arrivals(session, uids)):
                self._put(batch)
                if self._stopped.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 (carried to the thread that reads)
            self._put(error)
        else:
            self._put(None)

    def _put(self, item: list[Arrival] | BaseException | None) -> None:
        while not self._stopped.is_set():
            try:
                self._batches.put(item, timeout=0.2)
            except queue.Full:
                continue
            return


def _arrivals(session: ImapSession, uids: Sequence[int]) -> Iterator[Arrival]:
    limit = settings.MESSAGE_FETCHED_WHOLE_UP_TO
    for mail in session.fetch_raw(uids, max_size=limit):
        small = len(mail.raw) <= settings.RAW_IN_DATABASE_UP_TO
        yield Arrival(
            uid=mail.uid,
            flags=mail.flags,
            received_at=mail.internal_date,
            size=mail.size,
            raw=mail.raw,
            sha256=sources.digest(mail.raw),
            packed=sources.compress(mail.raw) if small else None,
            is_partial=mail.is_partial,
        )


def _batched(arrivals: Iterable[Arrival]) -> Iterator[list[Arrival]]:
    batch: list[Arrival] = []
    size, most = 0, FIRST_BATCH
    for arrival in arrivals:
        batch.append(arrival)
        size += len(arrival.raw)
        if len(batch) >= most or size >= BATCH_BYTES:
            yield batch
            batch, size, most = [], 0, BATCH
    if batch:
        yield batch
