"""One thread that waits for news of many mailboxes (IMAP IDLE, RFC 2177).

Each watched session goes through these states::

            add                 "+"                    news
    ──────────────▶ starting ─────────▶ idling ──────────────────▶ on_activity(key), idling
                        ▲                 │ renew_after, or remove()
                        │ tagged OK       ▼
                        └───────────── ending ──── tagged OK after remove() ───▶ given back
    any state: BYE, end of file, NO, BAD, no answer in time ───▶ closed, on_lost(key, error)

The pool owns a session from ``add`` until ``remove`` returns it or ``on_lost`` names it. Callbacks
run in the pool's thread: they only take note and return at once. A thousand connections cost one
thread; TLS records already decrypted are looked for, since no selector sees them.
"""

from __future__ import annotations

import logging
import random
import re
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.imap.failures import goodbye, refusal
from relance.wire.imap.session import ImapSession

logger = logging.getLogger(__name__)

#: RFC 2177 asks to renew within 29 minutes; some middleboxes forget sooner.
RENEW_AFTER: Final = 24 * 60.0
#: How long a server may take to accept or to end an IDLE, in seconds.
ANSWER_WITHIN: Final = 60.0

_NEWS = re.compile(rb"\* (?:\d+ (?:EXISTS|EXPUNGE|FETCH)\b|VANISHED\b)", re.IGNORECASE)


@dataclass(eq=False)
class _Watched:
    key: Hashable
    session: ImapSession
    state: str = "starting"
    tag: bytes = b""
    deadline: float = 0.0
    out: bytes = b""
    leaving: bool = False
    released: threading.Event = field(default_factory=threading.Event)
    given_back: bool = False


class IdlePool:
    """Watch many sessions, each with its folder selected, from one thread."""

    def __init__(
        self,
        on_activity: Callable[[Hashable], None],
        on_lost: Callable[[Hashable, WireError], None],
        *,
        renew_after: float = RENEW_AFTER,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        self._on_activity = on_activity
        self._on_lost = on_lost
        self._renew_after = renew_after
        self._answer_within = answer_within
        self._watched: dict[Hashable, _Watched] = {}
        self._requests: deque[Callable[[], None]] = deque()
        self._again: set[_Watched] = set()
        self._next_check = float("inf")
        self._lock = threading.Lock()
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ, None)
        self._thread = threading.Thread(target=self._run, name="imap-idle", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        return len(self._watched)

    def add(self, key: Hashable, session: ImapSession) -> None:
        """Watch an open session under ``key``.

        Raises ``unsupported`` without IDLE, ``disconnected`` for a closed session, ``ValueError``
        for a key watched already or a stopped pool.
        """
        if "IDLE" not in session.capabilities:
            raise PermanentFailure("unsupported", "the server has no IDLE")
        channel = session.channel
        with self._lock:
            if self._stopping or key in self._watched:
                raise ValueError("the pool is stopped, or watches this key already")
            watched = _Watched(key, session)
            channel.set_blocking(False)
            self._watched[key] = watched
        self._request(lambda: self._start(watched))

    def remove(self, key: Hashable, *, timeout: float = 10.0) -> ImapSession | None:
        """Stop watching and return the session, ready for commands; None when it was lost.

        Not to be called from a callback.
        """
        with self._lock:
            watched = self._watched.get(key)
        if watched is None:
            return None
        self._request(lambda: self._leave(watched))
        if not watched.released.wait(timeout):
            late = TransientFailure("timeout", "the server does not end the wait")
            self._request(lambda: self._forget(watched, late, tell=False))
            watched.released.wait(timeout)
        return watched.session if watched.given_back else None

    def stop(self) -> None:
        """Close every watched session and end the thread. Safe to call twice."""
        with self._lock:
            self._stopping = True
        self._wake()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=10)

    def _request(self, action: Callable[[], None]) -> None:
        self._requests.append(action)
        self._wake()

    def _wake(self) -> None:
        try:
            self._waker.send(b"x")
        except BlockingIOError:
            return  # enough wake-ups are waiting already
        except OSError:
            return  # the pool has ended

    def _run(self) -> None:
        while not self._stopping:
            wait = 0.0 if self._again else max(0.0, self._next_check - time.monotonic())
            for event, _mask in self._selector.select(min(wait, 3600.0)):
                self._serve(event.data)
            for watched in list(self._again):
                self._serve(watched)
            while self._requests:
                self._requests.popleft()()
            self._check_deadlines()
        self._end()

    def _serve(self, watched: _Watched | None) -> None:
        if watched is None:
            self._drain_wakes()
            return
        self._again.discard(watched)
        if watched.released.is_set():
            return
        try:
            self._flush(watched)
            watched.session.channel.pump()
            self._read(watched)
        except WireError as error:
            self._read_last_words(watched, error)

    def _drain_wakes(self) -> None:
        try:
            while self._woken.recv(4096):
                pass
        except BlockingIOError:
            return

    def _read_last_words(self, watched: _Watched, error: WireError) -> None:
        """A server that closes has often said why in a BYE just before."""
        try:
            self._read(watched)
        except WireError as reason:
            error = reason
        if not watched.released.is_set():
            self._forget(watched, error)

    def _read(self, watched: _Watched) -> None:
        channel = watched.session.channel
        news = False
        while (line := channel.take_line()) is not None:
            news = bool(_NEWS.match(line)) or news
            self._hear(watched, line)
            if watched.released.is_set():
                break
        if not watched.released.is_set() and channel.pending:
            self._again.add(watched)
        if news:
            self._tell(self._on_activity, watched.key)

    def _hear(self, watched: _Watched, line: bytes) -> None:
        if line[:5].upper() == b"* BYE":
            raise goodbye(line[5:].decode("utf-8", "replace"))
        if line[:1] == b"+" and watched.state == "starting":
            self._idling(watched)
        elif line.startswith(watched.tag + b" "):
            self._ended(watched, line)

    def _idling(self, watched: _Watched) -> None:
        if watched.leaving:
            self._done(watched)
            return
        watched.state = "idling"
        # Spread out, so that a thousand mailboxes do not renew in the same second.
        self._expect(watched, self._renew_after * random.uniform(0.85, 1.0))  # noqa: S311

    def _ended(self, watched: _Watched, line: bytes) -> None:
        status = line.split(b" ", 2)[1:2]
        if status != [b"OK"] or watched.state != "ending":
            raise refusal(line.decode("utf-8", "replace"))
        if watched.leaving:
            self._give_back(watched)
        else:
            self._start(watched)

    def _start(self, watched: _Watched) -> None:
        if watched.released.is_set():
            return
        if not watched.tag and not self._registered(watched):
            return
        watched.tag = watched.session.dialogue.next_tag()
        watched.state = "starting"
        self._send(watched, watched.tag + b" IDLE\r\n")

    def _registered(self, watched: _Watched) -> bool:
        try:
            channel = watched.session.channel
            self._selector.register(channel.sock, selectors.EVENT_READ, watched)
        except (ValueError, OSError, WireError):
            closed = TransientFailure("disconnected", "the session was closed already")
            self._forget(watched, closed)
            return False
        return True

    def _leave(self, watched: _Watched) -> None:
        watched.leaving = True
        if watched.state == "idling" and not watched.released.is_set():
            self._done(watched)

    def _done(self, watched: _Watched) -> None:
        watched.state = "ending"
        self._send(watched, b"DONE\r\n")

    def _send(self, watched: _Watched, data: bytes) -> None:
        watched.out += data
        self._expect(watched, self._answer_within)
        try:
            self._flush(watched)
        except WireError as error:
            self._forget(watched, error)

    def _flush(self, watched: _Watched) -> None:
        channel = watched.session.channel
        if watched.out:
            watched.out = watched.out[channel.send_some(watched.out) :]
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if watched.out else 0)
        if self._selector.get_key(channel.sock).events != events:
            self._selector.modify(channel.sock, events, watched)

    def _expect(self, watched: _Watched, seconds: float) -> None:
        watched.deadline = time.monotonic() + seconds
        self._next_check = min(self._next_check, watched.deadline)

    def _check_deadlines(self) -> None:
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = float("inf")
        for watched in list(self._watched.values()):
            if watched.tag and watched.deadline <= now:
                self._overdue(watched)
        deadlines = [watched.deadline for watched in self._watched.values() if watched.tag]
        self._next_check = min(deadlines, default=float("inf"))

    def _overdue(self, watched: _Watched) -> None:
        if watched.state == "idling":
            self._done(watched)
        else:
            self._forget(watched, TransientFailure("timeout", "no answer to IDLE in time"))

    def _give_back(self, watched: _Watched) -> None:
        self._let_go(watched)
        watched.session.channel.set_blocking(True)
        watched.given_back = True
        watched.released.set()

    def _forget(self, watched: _Watched, error: WireError, *, tell: bool = True) -> None:
        if watched.released.is_set():
            return
        self._let_go(watched)
        watched.session.abort()
        watched.released.set()
        if tell:
            self._tell(self._on_lost, watched.key, error)

    def _let_go(self, watched: _Watched) -> None:
        with self._lock:
            self._watched.pop(watched.key, None)
        self._again.discard(watched)
        if watched.tag:
            self._selector.unregister(watched.session.channel.sock)

    def _tell(self, callback: Callable[..., None], *news: object) -> None:
        try:
            callback(*news)
        except Exception:
            logger.exception("a callback of the IDLE pool failed")

    def _end(self) -> None:
        for watched in list(self._watched.values()):
            gone = TransientFailure("disconnected", "the pool is stopped")
            self._forget(watched, gone, tell=False)
        self._selector.close()
        self._waker.close()
        self._woken.close()
