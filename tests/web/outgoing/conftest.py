"""Mails of Alice's in every state, and what tests ask of them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from relance.addresses import book
from relance.addresses.models import EmailAddress
from relance.lib import clock, keys
from relance.mail.models import (
    Bounce,
    MailAccount,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
)
from relance.users.models import User
from tests.inbox import builders

FRAGMENT = {"HTTP_HX_REQUEST": "true"}
State = Outgoing.State
Write = Callable[..., Outgoing]


@pytest.fixture
def account(alice: User) -> MailAccount:
    return builders.account(alice)


@pytest.fixture
def write(alice: User, account: MailAccount) -> Write:
    """`write("scheduled", to=…, …)`: a mail of Alice's in that state."""
    numbers = iter(range(1, 100))

    def one(
        state: str,
        *,
        to: str = "e.garnier@meunier.example",
        name: str = "Éloïse Garnier",
        **fields: Any,
    ) -> Outgoing:
        n = next(numbers)
        person = {"name": name, "address": to, "record": ""}
        values: dict[str, Any] = {
            "account": account,
            "author": alice,
            "subject": f"Devis {n}",
            "text": "Bonjour Éloïse",
            "message_id": f"{n}@clarte.example",
            "state": state,
            "people": {"to": [person], "cc": [], "bcc": []},
        }
        mail = Outgoing.objects.create(**{**values, **fields})
        if state != State.DRAFT:
            OutgoingRecipient.objects.create(
                outgoing=mail,
                address_id=book.ids_for([to])[to],
                name=name,
                state="accepted" if state == State.SENT else "waiting",
            )
        return mail

    return one


@pytest.fixture
def scheduled(write: Write) -> Outgoing:
    return write("scheduled", **hours(3))


def hours(ahead: float, zone: str = "Europe/Paris") -> dict[str, Any]:
    at = clock.now() + timedelta(hours=ahead)
    return {"scheduled_at": at, "next_try_at": at, "queued_at": at, "time_zone": zone}


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def state_of(mail: Outgoing) -> str:
    return Outgoing.objects.get(pk=mail.pk).state


def named(copy: MessageCopy, mail: Outgoing) -> None:
    """Let `copy` be that of `mail`."""
    values = {"message_id": mail.message_id, "message_id_hash": keys.short_hash(mail.message_id)}
    Message.objects.filter(pk=copy.message_id).update(**values)


def bounce(
    mail: Outgoing,
    to: str,
    *,
    status: str = "5.1.1",
    cause: str = "no_such_user",
    kind: str = "hard",
) -> Bounce:
    recipient = OutgoingRecipient.objects.create(
        outgoing=mail, address_id=book.ids_for([to])[to], state="bounced"
    )
    EmailAddress.objects.filter(pk=recipient.address_id).update(invalid_at=clock.now())
    return Bounce.objects.create(
        recipient=recipient,
        original_message_id=mail.message_id,
        address_id=recipient.address_id,
        kind=kind,
        cause=cause,
        status=status,
        diagnostic="550 no such user",
    )
