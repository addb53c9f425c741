"""The last look before a mail leaves (SCH-09): what has changed since it was queued?

Mail itself looks at the author, the mailbox, the sender and the addresses; the floors above are
asked through `ports.screener`. A reason holds the mail and is told to its author.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from relance.lib import clock
from relance.lib.reason import Reason
from relance.mail import ports
from relance.mail.models import MailAccount, Outgoing, OutgoingRecipient
from relance.mail.outbox import letters
from relance.mail.outbox.times import TOO_LATE_AFTER


def reason_to_hold(outgoing: Outgoing) -> Reason | None:
    """The first reason why the mail must not leave now, or None.

    `outgoing` comes with `account`, `author`, `identity`, `organisation_address` and recipients
    as they are now.
    """
    if found := next(_reasons(outgoing), None):
        return found
    return next(iter(ports.screener.screen(outgoing)), None)


def due_at(outgoing: Outgoing) -> datetime:
    """When the mail was to leave at first: its hour, or the end of its undo window."""
    return outgoing.scheduled_at or outgoing.next_try_at or outgoing.queued_at


def _reasons(outgoing: Outgoing) -> Iterator[Reason]:
    author = outgoing.author
    if not author.is_active:
        yield Reason("author_inactive")
    elif not author.may_send:
        yield Reason("may_not_send")
    if outgoing.account.state == MailAccount.State.DISCONNECTED:
        yield Reason("mailbox_disconnected", {"address": outgoing.account.address})
    yield from _sender(outgoing)
    yield from _addresses(outgoing)
    if missed := _missed(outgoing):
        yield missed


def _sender(outgoing: Outgoing) -> Iterator[Reason]:
    """An address of the organisation may have been closed to its author's role."""
    shared, identity = outgoing.organisation_address, outgoing.identity
    if shared and not (shared.is_confirmed and outgoing.author.role in shared.roles):
        yield Reason("sender_not_allowed", {"address": shared.address})
    if identity and not identity.is_confirmed:
        yield Reason("sender_not_allowed", {"address": identity.address})


def _addresses(outgoing: Outgoing) -> Iterator[Reason]:
    """An address that does not exist, or that has refused us for now (BNC-04)."""
    waiting = OutgoingRecipient.State.WAITING
    for recipient in letters.recipients_of(outgoing):
        if recipient.state != waiting:
            continue
        address = recipient.address
        sources = (("addresses.EmailAddress", address.pk),)
        if address.erased_at:
            yield Reason("erased", {"address": address.address}, sources)
        elif address.invalid_at:
            yield Reason("invalid", {"address": address.address}, sources)
        elif address.blocked_at:
            yield Reason("blocked", {"address": address.address}, sources)


def _missed(outgoing: Outgoing) -> Reason | None:
    """Nobody sent it for a day after its hour: its author decides what it is worth now (D15)."""
    if outgoing.attempts > 1 or outgoing.error_code:
        return None  # it has been tried in time
    hour = due_at(outgoing)
    if clock.now() - hour <= TOO_LATE_AFTER:
        return None
    return Reason("missed", {"at": hour.isoformat()})
