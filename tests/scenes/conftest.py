"""Zylker: Patricia, Jean, Pierre, the managing director, Marc and Sofia, each with a mailbox."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from relance.inbox import arrivals, columns
from relance.inbox.models import Stream
from relance.mail.models import MailAccount, MessageCopy
from relance.users.models import Organisation, User
from tests.inbox import builders

DOMAIN = "zylker.example"
PEOPLE = ("patricia", "jean", "pierre", "pdg", "marc", "sofia")


@dataclass
class Zylker:
    """The company of the scenes."""

    users: dict[str, User] = field(default_factory=dict)
    mailboxes: dict[str, MailAccount] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.users[name]
        except KeyError:
            raise AttributeError(name) from None

    def receives(self, whose: str, /, **mail: Any) -> MessageCopy:
        """A new mail comes into the mailbox of `whose`."""
        copy = builders.receive(self.mailboxes[whose], **mail)
        arrivals.arrived(copy.account_id, [copy.pk])
        copy.refresh_from_db()
        return copy

    def column_of(self, name: str, copy: MessageCopy) -> Stream | None:
        """The column in which `name` sees that mail; None where it stands in none."""
        cards = columns.cards_for(self.users[name], [copy.thread_id or 0])
        return Stream(cards[0].stream) if cards and cards[0].stream else None

    def as_(self, name: str) -> Client:
        """A browser in which `name` is logged in."""
        client = Client()
        client.force_login(self.users[name])
        return client


@pytest.fixture
def zylker(db: None) -> Zylker:
    Organisation.objects.create(name="Zylker", language="en", currency="EUR")
    made = Zylker()
    for name in PEOPLE:
        role = User.Role.ADMIN if name == "pdg" else User.Role.MEMBER
        made.users[name] = User.objects.create_user(
            f"{name}@{DOMAIN}", first_name=name.title(), language="en", role=role
        )
        made.mailboxes[name] = builders.account(made.users[name])
    return made
