"""A mailbox of Relance on a real Dovecot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from relance.mail import accounts, sources
from relance.mail.models import Folder, MailAccount, MessageCopy
from relance.mail.parsing import Parser
from relance.mail.sync.mailbox import MailboxSync
from relance.users.models import Organisation, User
from relance.wire.imap import ImapSession
from tests.servers.fixtures import Mailbox


@dataclass
class Synced:
    """A mailbox connected to Relance: deliver, synchronise, compare."""

    remote: Mailbox
    account: MailAccount
    parser: Parser = field(default_factory=Parser)

    def session(self) -> ImapSession:
        return ImapSession(accounts.imap_server(self.account), accounts.guard())

    def sync(self) -> None:
        self.account.refresh_from_db()
        with self.session() as session:
            MailboxSync(self.account, session, self.parser).run()

    def deliver(self, *raws: bytes, folder: str = "INBOX", flags: tuple[str, ...] = ()) -> None:
        for raw in raws:
            self.remote.deliver(raw, folder, flags)

    def folder(self, use: str) -> Folder:
        return self.account.folders.get(special_use=use, missing_at=None)

    def copies(self, use: str = "inbox") -> list[MessageCopy]:
        return list(
            self.account.copies.filter(folder__special_use=use)
            .select_related("message", "folder", "account")
            .order_by("uid")
        )

    def ours(self) -> Counter[tuple[str, int, int | None, bytes]]:
        """The left side of promise I1."""
        copies = self.account.copies.select_related("folder")
        return Counter(
            (c.folder.path, c.uidvalidity, c.uid, bytes(c.raw_id or b"")) for c in copies
        )

    def theirs(self) -> Counter[tuple[str, int, int | None, bytes]]:
        """The right side of promise I1, read from the server anew."""
        found: Counter[tuple[str, int, int | None, bytes]] = Counter()
        with self.session() as session:
            for folder in session.list_folders():
                if folder.special_use and folder.selectable:
                    state = session.select(folder.path)
                    for mail in session.fetch_raw(session.uids()):
                        digest = sources.digest(mail.raw)
                        found[folder.path, state.uidvalidity, mail.uid, digest] += 1
        return found


def raw_mail(
    number: int = 1,
    *,
    sender: str = "Alice <alice@client.example>",
    subject: str = "Devis",
    headers: str = "",
    text: str = "Bonjour",
) -> bytes:
    """A small mail; `headers` are further lines ending in CRLF."""
    return (
        f"From: {sender}\r\nTo: me@clarte.example\r\nSubject: {subject}\r\n"
        f"Message-ID: <m{number}@client.example>\r\n{headers}"
        f"Date: Tue, 03 Nov 2026 10:02:00 +0100\r\n\r\n{text} {number}\r\n"
    ).encode()


@pytest.fixture
def owner(db: None) -> User:
    Organisation.objects.create(name="Clarté", allowed_hosts=["127.0.0.1"])
    return User.objects.create_user("camille@clarte.example", "a long password")


def connected(owner: User, remote: Mailbox, smtp_port: int = 25) -> MailAccount:
    server = remote.server()
    return accounts.connect(
        owner,
        accounts.Settings(
            address=remote.user,
            imap_host=server.host,
            imap_port=server.port,
            imap_security="none",
            imap_username=remote.user,
            imap_password=remote.password,
            smtp_host="127.0.0.1",
            smtp_port=smtp_port,
            smtp_security="none",
            sharing="private",
        ),
    )


@pytest.fixture
def box(owner: User, mailbox: Mailbox) -> Iterator[Synced]:
    """A mailbox on the full server."""
    synced = Synced(mailbox, connected(owner, mailbox))
    yield synced
    synced.parser.stop()


@pytest.fixture
def poor_box(owner: User, poor_mailbox: Mailbox) -> Iterator[Synced]:
    """A mailbox on a server without extensions."""
    synced = Synced(poor_mailbox, connected(owner, poor_mailbox))
    yield synced
    synced.parser.stop()
