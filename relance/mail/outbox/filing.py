"""A mail that has left: its copy for Sent, and what becomes of an uncertain one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from relance.lib import clock, keys
from relance.mail import accounts, operations
from relance.mail.models import Folder, MessageCopy, Operation, Outgoing, OutgoingRecipient
from relance.mail.outbox import letters, telling

_State, _Recipient = Outgoing.State, OutgoingRecipient.State


def place_for(outgoing: Outgoing) -> Folder | None:
    """The folder that is to get a copy; None where the provider files what one submits, and for
    automatic answers, which nobody wrote. Found once for a mailbox that was read once."""
    account = outgoing.account
    if letters.is_automatic(outgoing):
        return None
    known: Folder | None = getattr(account, "_sent_folder", None)
    if known is None and not accounts.saves_sent(account):
        known = operations.folder_of(account, Folder.Use.SENT)
        account._sent_folder = known  # type: ignore[attr-defined]  # of this reading alone
    return known


def file(outgoing: Outgoing) -> None:
    """Have a copy put in Sent."""
    folder = place_for(outgoing)
    if folder is not None:
        Operation.objects.create(
            account=outgoing.account,
            kind=Operation.Kind.APPEND,
            outgoing=outgoing,
            target_folder=folder,
        )


def settle_as_sent(outgoing: Outgoing) -> None:
    """An uncertain mail has left after all: its recipients have it, and Sent gets its copy, where
    there is none."""
    outgoing.recipients.filter(state=_Recipient.WAITING).update(state=_Recipient.ACCEPTED)
    if not _in_mailbox(outgoing).exists():
        file(outgoing)
        accounts.ask_sync(outgoing.account)
    telling.announce(outgoing, _State.SENT)


def settle_uncertain() -> int:
    """Uncertain mails whose Message-ID has turned up in a mailbox were sent after all."""
    settled = 0
    for outgoing in Outgoing.objects.filter(state=_State.UNCERTAIN).select_related("account"):
        seen = _in_mailbox(outgoing).values_list("received_at", flat=True).first()
        if seen is not None:
            settled += _found(outgoing, seen)
    return settled


@transaction.atomic
def _found(outgoing: Outgoing, at: datetime) -> bool:
    rows = Outgoing.objects.filter(pk=outgoing.pk, state=_State.UNCERTAIN)
    found = rows.update(
        state=_State.SENT,
        error_code="",
        sent_at=outgoing.sent_at or at,
        updated_at=clock.now(),
    )
    if found:
        settle_as_sent(outgoing)
    return bool(found)


def _in_mailbox(outgoing: Outgoing) -> QuerySet[MessageCopy]:
    """Its copies there, as evidence that it has left: its draft on the server is none."""
    rows = MessageCopy.objects.filter(
        account=outgoing.account,
        message__message_id_hash=keys.short_hash(outgoing.message_id),  # the one that is indexed
        message__message_id=outgoing.message_id,
        is_draft=False,
    )
    return rows.exclude(folder__special_use=Folder.Use.DRAFTS)
