"""What is an answer (D18): a mail by a person, in the conversation of a mail of ours.

Not an answer: an automatic reply, a report, mail to many, what colleagues or oneself write.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from relance import live
from relance.addresses import suppression
from relance.crm.models import PersonAddress
from relance.inbox.models import Stream
from relance.inbox.verdicts import verdicts
from relance.mail import accounts
from relance.mail.models import Folder, Message, MessageCopy, Outgoing, OutgoingRecipient

_NOT_READ = {Folder.Use.SPAM, Folder.Use.TRASH, Folder.Use.DRAFTS}


def is_by_a_person(copy: MessageCopy) -> bool:
    """Received, and written by somebody for somebody."""
    message = copy.message
    return (
        message is not None
        and not copy.is_outgoing
        and not copy.is_draft
        and not (message.is_auto or message.is_bulk or message.is_bounce or message.list_id)
        and message.from_address_id is not None
        and message.authentication != Message.Authentication.FAIL
        and copy.folder.special_use not in _NOT_READ
    )


def bind_sent(copies: Iterable[MessageCopy]) -> None:
    """A mail of ours has come back from Sent: now its conversation is known."""
    for copy in copies:
        if copy.is_outgoing and copy.thread_id and copy.message and copy.message.message_id:
            Outgoing.objects.filter(
                account=copy.account_id, message_id=copy.message.message_id, thread=None
            ).update(thread=copy.thread_id)


def settle(copies: Iterable[MessageCopy]) -> None:
    """Mark what these newly arrived mails answer."""
    for copy in copies:
        if is_by_a_person(copy):
            _settle(copy)


def _settle(copy: MessageCopy) -> None:
    message = copy.message
    assert message is not None and message.from_address is not None  # `is_by_a_person`
    sender = message.from_address
    suppression.delivered(sender.pk)
    answered = _waiting(copy)
    if not answered or sender.address in accounts.own_addresses(copy.account.owner_id):
        return
    people = _same_person(sender.pk)
    for outgoing in answered:
        of_sender = OutgoingRecipient.objects.filter(outgoing=outgoing, address__in=people)
        if not of_sender.exists() and _is_colleague(copy):
            continue
        of_sender.filter(answered_at=None).update(answered_at=copy.received_at)
        if Outgoing.objects.filter(pk=outgoing.pk, answered_at=None).update(
            answered_at=copy.received_at
        ):
            _announce(outgoing)


def _waiting(copy: MessageCopy) -> list[Outgoing]:
    """The mails of this conversation that went out before this one came, and have a recipient
    without an answer."""
    message = copy.message
    assert message is not None
    named = [*message.in_reply_to.split(), *message.references.split()]
    rows = Outgoing.objects.filter(
        Q(thread=copy.thread_id) | Q(message_id__in=named),
        account=copy.account_id,
        sent_at__lte=copy.received_at,
        recipients__answered_at=None,
    )
    return list(rows.distinct()) if copy.thread_id else []


def _same_person(address_id: int) -> set[int]:
    """That address, and the others of whoever has it in the CRM."""
    people = PersonAddress.objects.filter(address=address_id, person__deleted_at=None)
    others = PersonAddress.objects.filter(person__in=people.values("person"))
    return {address_id, *others.values_list("address_id", flat=True)}


def _is_colleague(copy: MessageCopy) -> bool:
    message = copy.message
    assert message is not None and message.from_address_id is not None
    found = verdicts(copy.account, [message.from_address_id]).get(message.from_address_id)
    return found is not None and found.stream == Stream.COLLEAGUES


def _announce(outgoing: Outgoing) -> None:
    live.publish(
        "outgoing.changed",
        {"id": outgoing.pk, "thread": outgoing.thread_id, "state": outgoing.state},
        user_id=outgoing.author_id,
    )
