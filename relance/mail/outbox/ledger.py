"""The two writes every mail costs, as plain statements: its claim, and that it is gone.

Through the ORM they take three times as long as the mail itself. Whatever is rarer goes through
`outcomes`.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from relance.lib import clock
from relance.mail import rows
from relance.mail.models import (
    Folder,
    MailAccount,
    Operation,
    Outgoing,
    OutgoingRecipient,
)
from relance.mail.outbox import telling

LEASE = timedelta(minutes=10)  # longer than any answer is waited for
_State = Outgoing.State
DUE = (_State.QUEUED.value, _State.SCHEDULED.value, _State.RETRYING.value)
#: States of a mailbox in which it may send.
MAY_SEND = (
    MailAccount.State.PENDING.value,
    MailAccount.State.IMPORTING.value,
    MailAccount.State.OK.value,
    MailAccount.State.DEGRADED.value,
)
#: That it has left is true whatever was thought of it meanwhile: a lease that ran out made it
#: uncertain, or its author has just sent it again.
_MAY_BE_SENT = (_State.SENDING.value, _State.UNCERTAIN.value, _State.QUEUED.value)


def _marks(values: Sequence[object]) -> str:
    return ", ".join(["%s"] * len(values))


_CLAIM = f"""
    UPDATE mail_outgoing
    SET state = '{_State.SENDING}', attempts = attempts + 1, lease_until = %s,
        updated_at = %s, queued_at = %s, was_late = %s
    WHERE id = %s AND state IN ({_marks(DUE)}) AND updated_at = %s
        AND (lease_until IS NULL OR lease_until < %s)
        AND (next_try_at IS NULL OR next_try_at <= %s)
        AND EXISTS (SELECT 1 FROM mail_mailaccount box
                    WHERE box.id = account_id AND box.state IN ({_marks(MAY_SEND)}))
"""  # noqa: S608 (our own names)
_ACCEPT = (
    "UPDATE mail_outgoingrecipient SET state = %s, answer = %s"
    " WHERE outgoing_id = %s AND state = %s"
)
_SETTLE = f"""
    UPDATE mail_outgoing
    SET state = %s, lease_until = NULL, next_try_at = NULL, attempts = 0, last_error = '',
        error_code = '', sent_at = %s, updated_at = %s
    WHERE id = %s AND state IN ({_marks(_MAY_BE_SENT)})
"""  # noqa: S608 (our own names)


@dataclass(frozen=True, slots=True)
class Gone:
    """A mail that every recipient's server took at the first attempt."""

    outgoing: Outgoing
    said: str
    sent_folder: Folder | None  # that is to get a copy, if any


def turn(gone: Gone | None, following: Outgoing | None, read_at: datetime) -> bool:
    """Write down that a mail is gone, and take the `following` one, in one transaction: so a
    worker has never more than one mail in doubt, and each costs one commit at most.

    The claim is one conditional UPDATE whose count says who got it: it asks that the mail is due
    and still as it was when it was read, at `read_at`.
    """
    page = _Page(gone, following, read_at)
    if connection.vendor == "sqlite":
        _together.write(page)
    else:
        _write([page])
    if following is not None:
        following.attempts += page.taken
    return page.taken


@dataclass(slots=True)
class _Page:
    """What one thread wants written, and what came of it."""

    gone: Gone | None
    following: Outgoing | None
    read_at: datetime
    taken: bool = False
    is_done: bool = False
    error: BaseException | None = None


class _Together:
    """One writer at a time, as SQLite has it anyway: who waits meanwhile is written with the
    next, in one transaction. Its own way of waiting is to sleep and look again, and each commit
    waits for the disk."""

    def __init__(self) -> None:
        self._pen = threading.Lock()
        self._desk = threading.Lock()
        self._waiting: list[_Page] = []

    def write(self, page: _Page) -> None:
        """Returns once `page` is committed. Raises what its transaction raised."""
        with self._desk:
            self._waiting.append(page)
        with self._pen:
            if not page.is_done:
                with self._desk:
                    pages, self._waiting = self._waiting, []
                _carry_out(pages)
        if page.error is not None:
            raise page.error


_together = _Together()


def _carry_out(pages: Sequence[_Page]) -> None:
    """Write these for all their threads; each hears of a failure itself."""
    try:
        _write(pages)
    except BaseException as error:  # noqa: BLE001 (handed to those it concerns)
        for page in pages:
            page.taken, page.error = False, error
    for page in pages:
        page.is_done = True


def _write(pages: Sequence[_Page]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for page in pages:
            if page.gone is not None:
                _write_gone(cursor, page.gone)
            following = page.following
            page.taken = following is not None and _claim(cursor, following, page.read_at)


def _claim(cursor: Any, outgoing: Outgoing, read_at: datetime) -> bool:
    now = clock.now()
    at = _at(now)
    lease, changed, date = _at(now + LEASE), _at(outgoing.updated_at), _at(outgoing.queued_at)
    values = (lease, changed, date, outgoing.was_late, outgoing.pk, *DUE, _at(read_at), at, at)
    cursor.execute(_CLAIM, (*values, *MAY_SEND))
    if cursor.rowcount != 1:
        return False
    telling.announce(outgoing, _State.SENDING)
    return True


def _write_gone(cursor: Any, gone: Gone) -> None:
    outgoing, now = gone.outgoing, _at(clock.now())
    waiting = OutgoingRecipient.State.WAITING
    accepted = OutgoingRecipient.State.ACCEPTED
    cursor.execute(_ACCEPT, (accepted, gone.said[:500], outgoing.pk, waiting))
    cursor.execute(_SETTLE, (_State.SENT, now, now, outgoing.pk, *_MAY_BE_SENT))
    if cursor.rowcount != 1:
        return  # written before, by us or by its author's word
    telling.announce(outgoing, _State.SENT)
    if gone.sent_folder is not None:
        _append(outgoing, gone.sent_folder)


def _append(outgoing: Outgoing, folder: Folder) -> None:
    names = ("account_id", "kind", "outgoing_id", "target_folder_id", "state", "created_at")
    more = ("source_uidvalidity", "attempts", "last_error", "params")
    kind, state = Operation.Kind.APPEND.value, Operation.State.WAITING.value
    row = (outgoing.account_id, kind, outgoing.pk, folder.pk, state, clock.now(), 0, 0, "", "{}")
    rows.insert(Operation, (*names, *more), [row])


def _at(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)
