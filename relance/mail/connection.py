"""Trying a mailbox's servers before anything is saved."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from relance.mail import accounts
from relance.mail.models import MailAccount
from relance.wire.check import check_incoming, check_outgoing
from relance.wire.errors import WireError
from relance.wire.guard import Guard
from relance.wire.servers import Server

#: A try may last fifteen seconds and holds the thread of a page; pages have four of them.
AT_ONCE = 2
_places = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many pages wait for mail servers."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one server answered.

    `side` is "incoming" or "outgoing"; `code` one of `relance.wire.errors.CODES`, "clear_text" for
    an unencrypted connection, or "busy" when too many try at once; `answer` the server's own
    words, for the owner's eyes.
    """

    side: str
    code: str
    answer: str


def try_servers(account: MailAccount) -> list[Trouble]:
    """Log in to both servers of an unsaved or changed account; empty when both let us in.
    What the outgoing one says it takes at most is then in `account.smtp_size_limit`.

    Both are tried side by side; the whole takes fifteen seconds at most. Beyond `AT_ONCE` tries
    at the same time nothing is tried, so that those who read their mail never wait.
    """
    try:
        with place():
            return _both(account)
    except Busy:
        return [Trouble("incoming", "busy", "")]


@contextmanager
def place() -> Iterator[None]:
    """One of the `AT_ONCE` places to speak to a server while a page waits. Raises `Busy`
    when all are taken."""
    if not _places.acquire(blocking=False):
        raise Busy
    try:
        yield
    finally:
        _places.release()


def _both(account: MailAccount) -> list[Trouble]:
    guard = accounts.guard()
    with ThreadPoolExecutor(2, thread_name_prefix="try") as pool:
        tries = [
            pool.submit(_try, "incoming", check_incoming, accounts.imap_server(account), guard),
            pool.submit(
                _try,
                "outgoing",
                partial(_check_outgoing, account),
                accounts.smtp_server(account),
                guard,
            ),
        ]
        return [trouble for one in tries if (trouble := one.result()) is not None]


def _check_outgoing(account: MailAccount, server: Server, guard: Guard) -> None:
    account.smtp_size_limit = check_outgoing(server, guard)


def _try(
    side: str, check: Callable[[Server, Guard], None], server: Server, guard: Guard
) -> Trouble | None:
    if server.security == "none" and not guard.lists(server.host, server.port):
        return Trouble(side, "clear_text", "")
    try:
        check(server, guard)
    except WireError as error:
        return Trouble(side, error.code, error.server_text)
    return None
