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

_NAMES = 10  # references looked at: the conversation knows the others
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
    """Mails of ours have come back from Sent: now their conversations are known."""
    sent = {
        (c.account_id, c.message.message_id): c.thread_id
        for c in copies
        if c.is_outgoing and c.thread_id and c.message and c.message.message_id
    }
    rows = Outgoing.objects.filter(thread=None, message_id__in=[name for _, name in sent])
    for outgoing in rows.only("account_id", "message_id") if sent else ():
        thread_id = sent.get((outgoing.account_id, outgoing.message_id))
        if thread_id:
            Outgoing.objects.filter(pk=outgoing.pk, thread=None).update(thread=thread_id)


def settle(copies: Iterable[MessageCopy]) -> None:
    """Mark what these newly arrived mails answer. Three queries when that is nothing."""
    written = [c for c in copies if is_by_a_person(c)]
    if not written:
        return
    suppression.delivered(*{c.message.from_address_id or 0 for c in written if c.message})
    waiting = _waiting(written)
    for copy in written if waiting else ():
        names = _names(copy)
        answered = [
            o
            for o in waiting
            if o.account_id == copy.account_id
            and (o.thread_id == copy.thread_id or o.message_id in names)
            and o.sent_at is not None
            and o.sent_at <= copy.received_at
        ]
        if answered:
            _settle(copy, answered)


def _settle(copy: MessageCopy, answered: Iterable[Outgoing]) -> None:
    message = copy.message
    assert message is not None and message.from_address is not None  # `is_by_a_person`
    sender = message.from_address
    if sender.address in accounts.own_addresses(copy.account.owner_id):
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


def _waiting(copies: list[MessageCopy]) -> list[Outgoing]:
    """The mails in the conversations of these, or named by them, that have a recipient without
    an answer."""
    threads = {c.thread_id for c in copies if c.thread_id}
    names = {name for c in copies for name in _names(c)}
    rows = Outgoing.objects.filter(
        Q(thread__in=threads) | Q(message_id__in=names),
        sent_at__isnull=False,
        recipients__answered_at=None,
    )
    fields = ("account_id", "author_id", "message_id", "sent_at", "state", "thread_id")
    return list(rows.only(*fields).distinct())


def _names(copy: MessageCopy) -> set[str]:
    """The Message-IDs it answers, the nearest ones."""
    message = copy.message
    if message is None:
        return set()
    return {*message.in_reply_to.split()[:5], *message.references.split()[-_NAMES:]}


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
