"""Who connects a mailbox, and to which servers."""

from __future__ import annotations

import pytest
from django.test import Client

from relance.mail.models import MailAccount
from relance.users.models import Organisation, User
from tests.mail.conftest import connected
from tests.servers.fixtures import Mailbox
from tests.servers.smtp import SmtpServer


@pytest.fixture
def owner() -> User:
    Organisation.objects.create(name="Clarté", allowed_hosts=["127.0.0.1"], language="en")
    return User.objects.create_user("owner@clarte.example", "a long password", language="en")


@pytest.fixture
def visitor(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


class Wizard:
    """Walks the wizard against real servers."""

    def __init__(self, visitor: Client, mailbox: Mailbox, smtp: SmtpServer) -> None:
        self.visitor = visitor
        self.mailbox = mailbox
        self.smtp = smtp

    def post(self, step: str, **values: object):  # type: ignore[no-untyped-def]
        return self.visitor.post(f"/mailboxes/new/{step}/", values)

    def credentials(self, password: str = ""):  # type: ignore[no-untyped-def]
        self.visitor.get("/mailboxes/new/")
        self.post("provider", provider="custom")
        return self.post(
            "credentials",
            sender_name="Camille",
            address=self.mailbox.user,
            password=password or self.mailbox.password,
        )

    def servers(self, **changes: object):  # type: ignore[no-untyped-def]
        values = {
            "imap_host": "127.0.0.1",
            "imap_port": self.mailbox.server().port,
            "imap_security": "none",
            "imap_username": self.mailbox.user,
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp.port,
            "smtp_security": "none",
            "smtp_username": "alice",
            "smtp_password": "secret",
        }
        return self.post("servers", **{**values, **changes})


@pytest.fixture
def wizard(visitor: Client, mailbox: Mailbox, smtp_server: SmtpServer) -> Wizard:
    return Wizard(visitor, mailbox, smtp_server)


@pytest.fixture
def account(owner: User, mailbox: Mailbox, smtp_server: SmtpServer) -> MailAccount:
    made = connected(owner, mailbox, smtp_server.port)
    made.smtp_same_login, made.smtp_username, made.smtp_password = False, "alice", "secret"
    made.save()
    return made
