"""Connections to submission servers, kept for the next mail of the same mailbox.

A login costs more than a mail. A connection is lent to one thread at a time and closed once it
has rested; no server likes one that stays.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator

from relance.wire.guard import Guard
from relance.wire.servers import Server
from relance.wire.smtp import SmtpSession

REST = 10.0  # seconds
_MOST_MAILS = 200  # over one connection: then a fresh one

_lock = threading.Lock()
_resting: dict[tuple[int, Server, Guard], list[tuple[float, int, SmtpSession]]] = {}


@contextlib.contextmanager
def lent(server: Server, guard: Guard) -> Iterator[SmtpSession]:
    """A session with that server, as that user: one that rests, else a fresh one."""
    key = (os.getpid(), server, guard)
    with _lock:
        resting = _resting.get(key) or []
        _, mails, session = resting.pop() if resting else (0.0, 0, SmtpSession(server, guard))
    try:
        yield session
    except BaseException:
        session.close()
        raise
    if not session.is_open or mails + 1 >= _MOST_MAILS:
        session.close()
        return
    with _lock:
        _resting.setdefault(key, []).append((time.monotonic(), mails + 1, session))


def close_rested(seconds: float = REST) -> None:
    """Close what has not been used for `seconds`."""
    end = time.monotonic() - seconds
    old: list[SmtpSession] = []
    with _lock:
        for key in list(_resting):
            kept = [one for one in _resting[key] if one[0] > end]
            if key[0] == os.getpid():  # another's is its parent's, which uses it
                old += [session for at, _, session in _resting[key] if at <= end]
            if kept:
                _resting[key] = kept
            else:
                del _resting[key]
    for session in old:
        session.close()
