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

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from relance.jobs import leases
from relance.lib import clock
from relance.lib.reason import Reason
from relance.mail import accounts
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.mail.outbox import connections, filing, ledger, letters, outcomes, screening, telling
from relance.mail.outbox.times import LATE_AFTER, TOO_LATE_AFTER
from relance.wire.errors import WireError
from relance.wire.guard import Guard
from relance.wire.smtp import SmtpSession, Submitted

_log = logging.getLogger(__name__)
_SOME = 50  # mails loaded at once
_STALE = 1.0  # seconds: then what was loaded is read again
_State = Outgoing.State
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
    some = _loaded(_sendable().filter(pk=outgoing_id))
    return bool(some) and _deliver_some(some, lambda: False)[0].done == 1


class Round(NamedTuple):
    """What a round through a mailbox's due mails did: how many, and whether its server was out of
    reach or asked for patience, so that the rest waits."""

    done: int
    is_unavailable: bool = False


def deliver_for(account_id: int, *, stopping: Callable[[], bool] = lambda: False) -> Round:
    """Send what is due in that mailbox, one after the other, over one connection."""
    done = 0
    lost: set[int] = set()
    rows = _sendable().filter(account=account_id)
    while some := _loaded(rows.exclude(pk__in=lost)):
        part, taken = _deliver_some(some, stopping)
        done += part.done
        lost |= taken
        if part.is_unavailable or stopping():
            return Round(done, part.is_unavailable)
    return Round(done)


def _deliver_some(some: list[Outgoing], stopping: Callable[[], bool]) -> tuple[Round, set[int]]:
    """Send these mails of one mailbox, as long as what was read of them is fresh. Returns with
    the round the ids of those that somebody else has taken."""
    run, read_at = _Run(accounts.guard()), time.monotonic()
    with run:
        for outgoing in some:
            if run.is_unavailable or stopping() or time.monotonic() - read_at > _STALE:
                break
            run.deliver(outgoing)
    if run.done:
        accounts.ask_sync(some[0].account)  # copies for Sent wait
    return Round(run.done, run.is_unavailable), run.lost


class _Run:
    """A few mails, one after the other. That one has gone is written down in the transaction that
    claims the next: each costs one commit, and one at most is ever in doubt."""

    def __init__(self, guard: Guard) -> None:
        self.done = 0
        self.lost: set[int] = set()
        self.is_unavailable = False
        self._guard = guard
        self._gone: ledger.Gone | None = None

    def __enter__(self) -> None:
        return

    def __exit__(self, *_failure: object) -> None:
        if self._gone is not None:
            self._turn(None, clock.now())

    def deliver(self, outgoing: Outgoing) -> None:
        """Screen it, compose it, connect, claim it, submit it; or hold it."""
        if self._gone is not None and outgoing.attachments.all():
            self._turn(None, clock.now())  # composing takes a while
        read_at = outgoing.updated_at
        data = _prepared(outgoing)
        if isinstance(data, Reason):
            outgoing.updated_at = read_at
            self._count(outgoing, dealt_with=outcomes.hold(outgoing, data))
            return
        server = accounts.smtp_server(outgoing.account)
        with connections.lent(server, self._guard) as session:
            result = self._claimed_and_submitted(outgoing, read_at, session, data)
        self._count(outgoing, dealt_with=result is not None)
        if result is not None:
            self._settle(outgoing, result)

    def _claimed_and_submitted(
        self, outgoing: Outgoing, read_at: datetime, session: SmtpSession, data: bytes
    ) -> Submitted | WireError | None:
        """What the server said; None when somebody else has the mail. The connection is made
        before the claim, so that dying meanwhile leaves no doubt."""
        if self._gone is not None and not session.is_open:
            self._turn(None, clock.now())  # connecting takes a while
        out_of_reach: WireError | None = None
        try:
            session.ready()
        except WireError as error:
            out_of_reach = error
        if not self._turn(outgoing, read_at):
            return None
        return out_of_reach or _submit(outgoing, session, data)

    def _settle(self, outgoing: Outgoing, result: Submitted | WireError) -> None:
        if isinstance(result, Submitted) and not result.refused and not outgoing.sent_at:
            self._gone = ledger.Gone(outgoing, result.server_text, filing.place_for(outgoing))
            return
        outcomes.persist(lambda: outcomes.record(outgoing, result))
        self.is_unavailable = isinstance(result, WireError) and _is_unavailable(result)

    def _turn(self, following: Outgoing | None, read_at: datetime) -> bool:
        gone = self._gone
        taken = outcomes.persist(lambda: ledger.turn(gone, following, read_at))
        self._gone = None
        return taken

    def _count(self, outgoing: Outgoing, *, dealt_with: bool) -> None:
        if dealt_with:
            self.done += 1
        else:
            self.lost.add(outgoing.pk)


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
    states = [*ledger.MAY_SEND, MailAccount.State.DISCONNECTED]
    return Outgoing.objects.filter(
        leases.due(), ~Exists(refused), state__in=ledger.DUE, account__state__in=states
    )


def _loaded(rows: QuerySet[Outgoing]) -> list[Outgoing]:
    """The next of `rows` with all that is needed to send them. A mailbox and an author are read
    once for all their mails: their secrets are slow to open."""
    people = Prefetch("recipients", OutgoingRecipient.objects.select_related("address"))
    with_files = Prefetch("attachments")
    ordered = rows.order_by("queued_at", "pk").prefetch_related(
        "account", "author", "identity", "organisation_address", people, with_files
    )
    return list(ordered[:_SOME])


def _prepared(outgoing: Outgoing) -> bytes | Reason:
    """The mail as it leaves now, or why it does not."""
    if reason := screening.reason_to_hold(outgoing):
        return reason
    now = outgoing.updated_at = clock.now()
    if outgoing.state != _State.RETRYING and now - screening.due_at(outgoing) > LATE_AFTER:
        outgoing.was_late = True
    if outgoing.state == _State.SCHEDULED:
        outgoing.queued_at = now  # a mail's date is the moment it leaves
    try:
        return letters.bytes_of(outgoing)
    except FileNotFoundError:  # the storage has lost a file
        return Reason("file_missing")
    except ValueError:  # an address that no header can hold
        return Reason("unwritable")


def _submit(outgoing: Outgoing, session: SmtpSession, data: bytes) -> Submitted | WireError:
    account = outgoing.account
    waiting = OutgoingRecipient.State.WAITING
    people = [r for r in letters.recipients_of(outgoing) if r.state == waiting]
    sender = "" if letters.is_automatic(outgoing) else account.address
    _learn_limit(account, session.size_limit)
    try:
        return session.submit(
            mail_from=sender, rcpt_to=[r.address.address for r in people], data=data
        )
    except WireError as error:
        return error


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
