"""Rows for tests of the inbox: a mailbox, and mails as the store would have kept them."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from relance.addresses.models import EmailAddress
from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage
from relance.inbox import streams
from relance.lib import keys
from relance.mail.models import (
    Folder,
    MailAccount,
    Message,
    MessageBody,
    MessageCopy,
    Participant,
    Thread,
)
from relance.users.models import User

_numbers = itertools.count(1)
START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def address(text: str) -> EmailAddress:
    text = text.lower()
    found, _ = EmailAddress.objects.get_or_create(
        address=text, defaults={"domain": text.rpartition("@")[2]}
    )
    return found


def user(email: str, **fields: Any) -> User:
    return User.objects.create_user(email, "a long password", **fields)


def account(owner: User, email: str = "") -> MailAccount:
    made = MailAccount.objects.create(
        owner=owner,
        address=email or owner.email,
        imap_host="imap.example",
        imap_security="tls",
        imap_username=owner.email,
        smtp_host="smtp.example",
        smtp_security="tls",
        sharing="private",
        state=MailAccount.State.OK,
    )
    for use in ("inbox", "sent", "archive", "trash", "spam", "drafts"):
        Folder.objects.create(
            account=made, path=use.upper(), special_use=use, uidvalidity=1, is_monitored=True
        )
    return made


@dataclass
class Letter:
    """What a test says of a mail; the rest has sensible values."""

    sender: str = "alice@client.example"
    name: str = ""
    subject: str = "Devis"
    text: str = "Bonjour"
    folder: str = "inbox"
    to: str = ""
    seen: bool = False
    outgoing: bool = False
    authentication: str = "none"
    attachments: int = 0
    thread: Thread | None = None


def receive(account: MailAccount, letter: Letter | None = None, **fields: Any) -> MessageCopy:
    """Keep one mail and place its thread, as the sync does."""
    letter = letter or Letter(**fields)
    n = next(_numbers)
    at = START + timedelta(minutes=n)
    sender = address(letter.sender) if letter.sender else None
    message = Message.objects.create(
        id=keys.date_major_key(at),
        message_id=f"{n}@test.example",
        message_id_hash=n,
        digest=str(n),
        subject=letter.subject,
        from_address=sender,
        from_name=letter.name,
        received_at=at,
        snippet=letter.text[:100],
        attachment_count=letter.attachments,
        authentication=letter.authentication,
    )
    MessageBody.objects.create(message=message, text=letter.text)
    if sender:
        Participant.objects.create(message=message, role=1, address=sender, name=letter.name)
    to = address(letter.to or account.address)
    Participant.objects.create(message=message, role=Participant.Role.TO, address=to)
    thread = letter.thread or Thread.objects.create(account=account, base_subject=letter.subject)
    copy = MessageCopy.objects.create(
        account=account,
        folder=account.folders.get(special_use=letter.folder),
        uidvalidity=1,
        uid=n,
        key=message.id,
        received_at=at,
        message=message,
        thread=thread,
        is_seen=letter.seen,
        is_outgoing=letter.outgoing,
        stage=MessageCopy.Stage.PLACED,
    )
    streams.threads_changed(
        account.pk, {thread.pk}, new_messages={message.pk: ""}, arrived_message_ids=[message.pk]
    )
    return copy


def person(owner: User, *addresses: str, kind: str = "contact", **fields: Any) -> Person:
    """A person with these addresses, the first one primary; announced to nobody."""
    fields = {"last_name": "Martin", **fields}
    made = Person.objects.create(owner=owner, kind=kind, **fields)
    for position, text in enumerate(addresses):
        PersonAddress.objects.create(person=made, address=address(text), is_primary=position == 0)
    return made


def stage(kind: str = "open") -> Stage:
    found = Stage.objects.filter(kind=kind).first()
    return found or Stage.objects.create(name=kind.title(), kind=kind)


def deal(owner: User, *people: Person, kind: str = "open", **fields: Any) -> Deal:
    """A deal with these people, the first one its primary contact."""
    values: dict[str, Any] = {"name": "Lamps", "amount": 1000, "closes_on": "2026-12-01"}
    made = Deal.objects.create(owner=owner, stage=stage(kind), **{**values, **fields})
    for position, one in enumerate(people):
        DealContact.objects.create(deal=made, person=one, is_primary=position == 0)
    return made


def company(owner: User, name: str, **fields: Any) -> Company:
    return Company.objects.create(owner=owner, name=name, **fields)
