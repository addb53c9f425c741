"""Trying a mailbox's settings for real, before they are saved.

Each test takes at most fifteen seconds and ends with nothing, or with a
:class:`~relance.wire.errors.WireError` whose code tells the user what to change: the password, the
port, the security, the host.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

from relance.wire.channel import Channel
from relance.wire.errors import PermanentFailure, TransientFailure, WireError
from relance.wire.guard import Guard
from relance.wire.imap import ImapSession
from relance.wire.servers import Server
from relance.wire.smtp import SmtpSession

_Found = TypeVar("_Found")
LONGEST: Final = 15.0
_ANSWER_WITHIN: Final = 9.0
_PROBE_WITHIN: Final = 3.0


def check_incoming(server: Server, guard: Guard) -> None:
    """Log in to an IMAP server and open its INBOX, read-only."""
    _bounded(lambda: _explaining_silence(_try_imap, server, guard))


def check_outgoing(server: Server, guard: Guard) -> int:
    """Log in to a submission server; nothing is sent. Returns the size of the largest message it
    takes (SIZE, RFC 1870), 0 when it says none."""
    return _bounded(lambda: _explaining_silence(_try_smtp, server, guard))


def _try_imap(server: Server, guard: Guard) -> None:
    with ImapSession(server, guard, timeout=_ANSWER_WITHIN) as session:
        session.select("INBOX")


def _try_smtp(server: Server, guard: Guard) -> int:
    with SmtpSession(server, guard, timeout=_ANSWER_WITHIN) as session:
        session.open()
        return session.size_limit


def _explaining_silence(
    attempt: Callable[[Server, Guard], _Found], server: Server, guard: Guard
) -> _Found:
    """A server that expects TLS keeps silent when spoken to plainly: that is a wrong port."""
    try:
        return attempt(server, guard)
    except TransientFailure as error:
        quiet = error.code in ("timeout", "disconnected") and server.security != "tls"
        if quiet and _speaks_tls(server, guard):
            detail = "the server expects TLS from the first byte on this port"
            raise PermanentFailure("wrong_port", detail) from error
        raise


def _speaks_tls(server: Server, guard: Guard) -> bool:
    try:
        channel = Channel.connect(server.host, server.port, guard=guard, timeout=_PROBE_WITHIN)
        try:
            channel.start_tls(server.host, verify=server.verify)
        finally:
            channel.close()
    except WireError as error:
        return error.code == "certificate"
    return True


def _bounded(attempt: Callable[[], _Found]) -> _Found:
    """Run an attempt for at most fifteen seconds, name resolution included.

    One that lasts longer is left to end by its own timeouts.
    """
    answers: list[_Found] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(attempt())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            errors.append(error)

    thread = threading.Thread(target=run, name="wire-check", daemon=True)
    thread.start()
    thread.join(LONGEST)
    if errors:
        raise errors[0]
    if not answers:
        raise TransientFailure("timeout", "the test did not end in time")
    return answers[0]
