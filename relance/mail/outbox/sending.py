"""From due to gone: load, screen, compose, claim, submit, record.

A mail is read and composed before it is claimed, and the claim asks that it has not changed since:
between the claim and the server nothing is left that could fail, and at most one mail of each
worker is ever in doubt.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from relance.jobs import leases
from relance.lib import clock
from relance.lib.reason import Reason
from relance.mail import accounts
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.mail.outbox import connections, filing, letters, outcomes, screening, telling
from relance.mail.outbox.times import LATE_AFTER, TOO_LATE_AFTER
from relance.wire.errors import WireError
from relance.wire.guard import Guard
from relance.wire.smtp import Submitted

_log = logging.getLogger(__name__)
_LEASE_SECONDS = 300
_SOME = 25  # mails loaded at once
_STALE = 1.0  # seconds: then what was loaded is read again
_State = Outgoing.State
_DUE = Q(state__in=[_State.QUEUED, _State.SCHEDULED, _State.RETRYING])
_MAY_SEND = [
    MailAccount.State.PENDING,
    MailAccount.State.IMPORTING,
    MailAccount.State.OK,
    MailAccount.State.DEGRADED,
]
_CONNECTING = frozenset({"connect", "tls", "greeting", "auth"})
_WITH = ("account", "author", "identity", "organisation_address")


def due() -> list[int]:
    """Ids of the mails to send now, oldest first."""
    return list(_sendable().order_by("queued_at", "pk").values_list("pk", flat=True)[:100])


def accounts_due() -> list[int]:
    """Ids of the mailboxes that have something to send now."""
    return sorted(_sendable().order_by().values_list("account", flat=True).distinct())


def deliver(outgoing_id: int) -> bool:
    """Send that mail, or hold it. False when somebody else has it, or it is not due."""
    guard = accounts.guard()
    for outgoing in _loaded(_sendable().filter(pk=outgoing_id)):
        return _deliver(outgoing, guard) is not None
    return False


class Round(NamedTuple):
    """What a round through a mailbox's due mails did: how many, and whether its server was out of
    reach or asked for patience, so that the rest waits."""

    done: int
    is_unavailable: bool = False


def deliver_for(account_id: int, *, stopping: Callable[[], bool] = lambda: False) -> Round:
    """Send what is due in that mailbox, one after the other, over one connection."""
    done = 0
    lost: set[int] = set()
    guard = accounts.guard()
    rows = _sendable().filter(account=account_id)
    while some := _loaded(rows.exclude(pk__in=lost)):
        read_at = time.monotonic()
        for outgoing in some:
            if stopping():
                return Round(done)
            if time.monotonic() - read_at > _STALE:
                break
            result = _deliver(outgoing, guard)
            if result is None:
                lost.add(outgoing.pk)
                continue
            done += 1
            if isinstance(result, WireError) and _is_unavailable(result):
                return Round(done, is_unavailable=True)
    return Round(done)


def sweep() -> int:
    """Take up what is behind: due mails, and those whose sender died. Returns how many."""
    return tidy() + sum(deliver_for(account_id).done for account_id in accounts_due())


def tidy() -> int:
    """What needs no server: judge what a dead worker left, hold what was missed, tell of drafts
    whose hour has passed. Returns how many mails were settled."""
    _judge()
    _hold_missed()
    _tell_edited()
    connections.close_rested()
    return filing.settle_uncertain()


def _sendable() -> QuerySet[Outgoing]:
    """Mails that may leave now. Where the server has just refused the login, none may: one failed
    attempt a quarter of an hour is all a mailbox makes. Those of a mailbox that was disconnected
    are dealt with too: they are held."""
    refused = Outgoing.objects.filter(
        account=OuterRef("account"),
        state=_State.RETRYING,
        error_code__in=accounts.LOGIN_REFUSED,
        next_try_at__gt=clock.now(),
    )
    states = [*_MAY_SEND, MailAccount.State.DISCONNECTED]
    return Outgoing.objects.filter(leases.due(), _DUE, ~Exists(refused), account__state__in=states)


def _loaded(rows: QuerySet[Outgoing]) -> list[Outgoing]:
    """The next of `rows` with all that is needed to send them, mails of a mailbox sharing it."""
    people = Prefetch("recipients", OutgoingRecipient.objects.select_related("address"))
    ordered = rows.order_by("queued_at", "pk").select_related(*_WITH)
    some = list(ordered.prefetch_related(people, "attachments")[:_SOME])
    shared: dict[int, MailAccount] = {}
    for outgoing in some:
        outgoing.account = shared.setdefault(outgoing.account_id, outgoing.account)
    return some


def _deliver(outgoing: Outgoing, guard: Guard) -> Submitted | WireError | Reason | None:
    """What became of it; None when somebody else was quicker."""
    if reason := screening.reason_to_hold(outgoing):
        return reason if outcomes.hold(outgoing, reason) else None
    late = _lateness(outgoing)
    if outgoing.state == _State.SCHEDULED:
        late["queued_at"] = clock.now()  # a mail's date is the moment it leaves
    read_at, outgoing.updated_at = outgoing.updated_at, clock.now()
    for name, value in late.items():
        setattr(outgoing, name, value)
    try:
        data = letters.bytes_of(outgoing)
    except (ValueError, FileNotFoundError) as error:
        outgoing.updated_at = read_at
        return _unwritable(outgoing, error)
    if not _claim(outgoing, read_at, late):
        return None
    result = _submit(outgoing, data, guard)
    outcomes.record(outgoing, result)
    return result


def _lateness(outgoing: Outgoing) -> dict[str, object]:
    late = clock.now() - screening.due_at(outgoing) > LATE_AFTER
    return {"was_late": True} if late and outgoing.state != _State.RETRYING else {}


def _unwritable(outgoing: Outgoing, error: Exception) -> Reason | None:
    """An address no header can hold, or a file the storage has lost."""
    lost = isinstance(error, FileNotFoundError)
    reason = Reason("file_missing" if lost else "unwritable")
    _log.warning("outgoing %s cannot be composed: %s", outgoing.pk, reason.code)
    return reason if outcomes.hold(outgoing, reason) else None


def _claim(outgoing: Outgoing, read_at: datetime, changes: dict[str, object]) -> bool:
    """Take the mail as it was read, for this attempt."""
    with transaction.atomic():
        taken = leases.claim(
            _sendable(),
            outgoing.pk,
            seconds=_LEASE_SECONDS,
            own=_DUE & Q(updated_at=read_at),
            state=_State.SENDING,
            updated_at=outgoing.updated_at,
            **changes,
        )
        if taken:
            telling.announce(outgoing, _State.SENDING)
    outgoing.attempts += taken
    return taken


def _submit(outgoing: Outgoing, data: bytes, guard: Guard) -> Submitted | WireError:
    account = outgoing.account
    waiting = OutgoingRecipient.State.WAITING
    people = [r for r in letters.recipients_of(outgoing) if r.state == waiting]
    sender = "" if letters.is_automatic(outgoing) else account.address
    try:
        with connections.lent(accounts.smtp_server(account), guard) as session:
            answer = session.submit(
                mail_from=sender, rcpt_to=[r.address.address for r in people], data=data
            )
            _learn_limit(account, session.size_limit)
    except WireError as error:
        return error
    return answer


def _learn_limit(account: MailAccount, limit: int) -> None:
    """The composer says how much fits before it is tried (D40)."""
    if limit != account.smtp_size_limit:
        account.smtp_size_limit = limit
        MailAccount.objects.filter(pk=account.pk).update(smtp_size_limit=limit)


def _is_unavailable(error: WireError) -> bool:
    """Would the next mail of this mailbox meet the same?"""
    return error.stage in _CONNECTING or error.code in ("throttled", "timeout", "disconnected")


def _judge() -> None:
    """Workers that died while sending: did it leave? Only the Sent folder can tell."""
    stuck = Outgoing.objects.filter(state=_State.SENDING, lease_until__lt=clock.now())
    for outgoing in stuck.only("pk", "thread", "author", "state"):
        taken = Outgoing.objects.filter(
            pk=outgoing.pk, state=_State.SENDING, lease_until__lt=clock.now()
        ).update(
            state=_State.UNCERTAIN,
            error_code="interrupted",
            lease_until=None,
            updated_at=clock.now(),
        )
        if taken:
            telling.announce(outgoing, _State.UNCERTAIN)


def _hold_missed() -> None:
    """Mails whose mailbox could not send for a day (its password is refused, say)."""
    long_ago = clock.now() - TOO_LATE_AFTER
    hour = Q(next_try_at__lt=long_ago) | Q(next_try_at=None, queued_at__lt=long_ago)
    rows = Outgoing.objects.filter(leases.due(), hour, state__in=[_State.QUEUED, _State.SCHEDULED])
    for outgoing in rows.select_related(*_WITH)[:_SOME]:
        reason = screening.reason_to_hold(outgoing)
        if reason is not None:
            outcomes.hold(outgoing, reason)


def _tell_edited() -> None:
    """Scheduled mails that their authors opened, and have not sent a quarter of an hour after
    their time."""
    rows = Outgoing.objects.filter(state=_State.DRAFT, edited_until__lt=clock.now())
    for outgoing in rows[:_SOME]:
        taken = rows.filter(pk=outgoing.pk).update(edited_until=None)
        if taken:
            telling.not_sent_while_edited(outgoing)
