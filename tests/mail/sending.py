"""Somebody who writes, and the server she submits to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from relance.lib import clock
from relance.mail import drafts, outbox
from relance.mail.models import MailAccount, Outgoing
from relance.mail.outbox import Letter
from relance.mime.message import Address
from relance.mime.parse import parse
from relance.users.models import User
from tests.servers.smtp import SmtpServer

ALICE = Address("Alice", "alice@client.example")
BOB = Address("", "bob@client.example")


@dataclass
class Sender:
    """Somebody who writes, and the server she submits to."""

    account: MailAccount
    owner: User
    server: SmtpServer

    def write(self, *to: Address, text: str = "Bonjour") -> Outgoing:
        letter = Letter(subject="Devis", text=text, to=to or (ALICE,))
        return outbox.queue(self.account, self.owner, letter)

    def send(self, *to: Address) -> Outgoing:
        outgoing = self.write(*to)
        assert outbox.deliver(outgoing.pk)
        outgoing.refresh_from_db()
        return outgoing

    def draft(self, *to: Address, html: str = "<p>Bonjour</p>") -> Outgoing:
        people = [{"name": a.name, "address": a.address, "record": ""} for a in to or (ALICE,)]
        return drafts.start(self.owner, account=self.account, to=people, subject="Devis", html=html)

    def scheduled(self, *to: Address, hours: float = 1) -> Outgoing:
        at = clock.now() + timedelta(hours=hours)
        return outbox.schedule(self.draft(*to), at, "Europe/Paris")

    def sent_ids(self) -> list[str]:
        """The Message-IDs that the server was given, in order."""
        return [parse(r.data).message_id for r in self.server.received]


def make_due(*, hours_late: float = 0) -> None:
    """The hour of what is scheduled or waits has come."""
    hour = clock.now() - timedelta(hours=hours_late)
    Outgoing.objects.filter(state="scheduled").update(scheduled_at=hour)
    Outgoing.objects.update(next_try_at=hour)


def state_of(outgoing: Outgoing) -> str:
    outgoing.refresh_from_db()
    return outgoing.state


@pytest.fixture
def sender(owner: User, smtp_server: SmtpServer) -> Iterator[Sender]:
    account = MailAccount.objects.create(
        owner=owner,
        address=owner.email,
        sender_name="Camille Laurent",
        imap_host="127.0.0.1",
        imap_port=1,
        imap_security="none",
        imap_username="x",
        smtp_host="127.0.0.1",
        smtp_port=smtp_server.port,
        smtp_security="none",
        smtp_same_login=False,
        smtp_username="alice",
        smtp_password="secret",
        sharing="private",
        state=MailAccount.State.OK,
    )
    account.folders.create(path="Sent", special_use="sent", uidvalidity=1)
    yield Sender(account, owner, smtp_server)
