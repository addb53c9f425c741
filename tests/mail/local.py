"""A mailbox filled without a server: what fetched mails become once they are kept and placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from relance.lib import clock
from relance.mail import sources, store
from relance.mail.models import Folder, MailAccount, MessageCopy, Thread
from relance.mail.store import Arrival
from relance.mime.parse import parse
from relance.users.models import User

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)


@dataclass
class Local:
    """A mailbox and the day its next mail comes."""

    account: MailAccount
    day: datetime = NOON
    uid: int = 1_000_000  # beside what other builders receive

    def receive(
        self, *raws: bytes, folder: str = "inbox", history: bool = False, size: int = 0
    ) -> list[MessageCopy]:
        """Keep and place these mails as one batch, each an hour after the one before."""
        target = self.account.folders.get(special_use=folder)
        arrivals = {a.uid: a for a in (self._arrival(r, size) for r in raws)}
        kept = store.keep(target, list(arrivals.values()), is_history=history)
        store.place(self.account, [(c, parse(arrivals[c.uid or 0].raw)) for c in kept])
        return list(MessageCopy.objects.filter(pk__in=[c.pk for c in kept]).order_by("uid"))

    def one(self, raw: bytes, folder: str = "inbox") -> MessageCopy:
        """Keep and place one mail."""
        return self.receive(raw, folder=folder)[0]

    def wait(self, *, days: int) -> None:
        """Let days pass before the next mail."""
        self.day += timedelta(days=days)

    def _arrival(self, raw: bytes, size: int) -> Arrival:
        self.uid += 1
        self.day += timedelta(hours=1)
        return Arrival(
            uid=self.uid,
            flags=frozenset(),
            received_at=clock.clamp(self.day),
            size=size or len(raw),
            raw=raw,
            sha256=sources.digest(raw),
            packed=None,
        )


def local(owner: User, address: str = "me@clarte.example") -> Local:
    """A fresh mailbox of `owner` with an inbox, Sent and an archive."""
    account = MailAccount.objects.create(
        owner=owner,
        address=address,
        imap_host="mail.clarte.example",
        imap_security="tls",
        imap_username=address,
        smtp_host="mail.clarte.example",
        smtp_security="tls",
        sharing="private",
        state=MailAccount.State.OK,
    )
    for use in ("inbox", "sent", "archive"):
        Folder.objects.create(
            account=account, path=use, special_use=use, uidvalidity=1, is_monitored=True
        )
    return Local(account)


def letter(
    own_id: str = "",
    *,
    sender: str = "alice@client.example",
    to: str = "me@clarte.example",
    subject: str = "Devis",
    names: Sequence[str] = (),
    in_reply_to: str = "",
) -> bytes:
    """A mail; `own_id` and `names` (its References) without brackets, "" for no Message-ID."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    if own_id:
        lines.append(f"Message-ID: <{own_id}>")
    if names:
        lines.append("References: " + "\r\n ".join(f"<{n}>" for n in names))
    if in_reply_to:
        lines.append(f"In-Reply-To: {in_reply_to}")
    return ("\r\n".join(lines) + f"\r\n\r\nBonjour {own_id}\r\n").encode()


def shape(account: MailAccount) -> list[int]:
    """How many copies each conversation of the mailbox has, the largest first."""
    threads = Thread.objects.filter(account=account)
    return sorted((t.copies.count() for t in threads), reverse=True)
