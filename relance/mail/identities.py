"""Whom one writes as: a mailbox's own address, its further ones, and the organisation's."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from relance.addresses import book
from relance.mail import sources
from relance.mail.models import (
    Identity,
    MailAccount,
    MessageCopy,
    OrganisationAddress,
    Outgoing,
    Participant,
)
from relance.mime.message import Address
from relance.mime.parse import parse
from relance.users.models import User


@dataclass(frozen=True, slots=True)
class Sender:
    """An address somebody may write from, and the mailbox the mail leaves through.

    `key` is "account:3", "identity:5" or "organisation:2".
    """

    key: str
    account: MailAccount
    address: str
    name: str
    is_default: bool = False

    @property
    def kind(self) -> str:
        return self.key.partition(":")[0]

    @property
    def row(self) -> int:
        """The primary key of what `key` names."""
        return int(self.key.partition(":")[2])

    @property
    def mailbox(self) -> Address:
        """As it stands in From."""
        return Address(self.name, self.address)


class NoSender(LookupError):
    """She has no connected mailbox to write from."""


def senders_for(user: User) -> list[Sender]:
    """The addresses `user` may write from, the one that new mails leave from first (and the only
    one that `is_default`): each connected mailbox with its proven addresses, the default mailbox
    first, then the organisation's proven addresses open to her role."""
    accounts = _connected(user)
    if not accounts:
        return []
    proven = Identity.objects.filter(account__in=accounts, confirmed_at__isnull=False)
    by_account: dict[int, list[Identity]] = {}
    for identity in proven.order_by("pk"):
        by_account.setdefault(identity.account_id, []).append(identity)
    found: list[Sender] = []
    for account in accounts:
        found += _of_mailbox(user, account, by_account.get(account.pk, []), first=not found)
    return [*found, *_of_organisation(user, accounts[0])]


def default_of(user: User, account: MailAccount | None = None) -> Sender:
    """Who new mails are from, in that mailbox or at all. Raises `NoSender`."""
    senders = senders_for(user)
    if account is not None:
        own = [s for s in senders if s.account.pk == account.pk and s.kind != "organisation"]
        chosen = Identity.objects.filter(
            account=account, is_default=True, confirmed_at__isnull=False
        ).first()
        key = f"identity:{chosen.pk}" if chosen else f"account:{account.pk}"
        senders = [s for s in own if s.key == key] or own or senders
    if not senders:
        raise NoSender
    return senders[0]


def find(user: User, key: str) -> Sender | None:
    """The sender of that key, if it is hers to use."""
    return next((s for s in senders_for(user) if s.key == key), None)


def sender_of(outgoing: Outgoing) -> Sender:
    """Who that mail is from."""
    account = outgoing.account
    identity, shared = outgoing.identity, outgoing.organisation_address
    if shared is not None:
        name = shared.name or outgoing.author.name
        return Sender(f"organisation:{shared.pk}", account, shared.address, name)
    name = account.sender_name or outgoing.author.name
    if identity is not None:
        return Sender(f"identity:{identity.pk}", account, identity.address, identity.name or name)
    return Sender(f"account:{account.pk}", account, account.address, name)


def for_reply(user: User, copy: MessageCopy) -> Sender:
    """Whom `user` answers that mail as: the address of hers it came to (To before Cc), the one she
    sent it from, else the mailbox it lies in; for somebody else's mail, always one of her own
    (D52). Raises `NoSender`."""
    senders = senders_for(user)
    if not senders:
        raise NoSender
    mine = [s for s in senders if s.account.pk == copy.account_id]
    by_address = {s.address.lower(): s for s in reversed([*mine, *senders])}
    for address in _addressed(copy):
        if address in by_address:
            return by_address[address]
    if not mine:
        return senders[0]
    delivered = _delivered_to(copy) if len(mine) > 1 and not copy.is_outgoing else []
    found = [by_address[a] for a in delivered if a in by_address]
    return found[0] if found else default_of(user, copy.account)


def _connected(user: User) -> list[MailAccount]:
    if not user.is_active:
        return []
    rows = MailAccount.objects.filter(owner=user).exclude(state=MailAccount.State.DISCONNECTED)
    return list(rows.order_by("-is_default", "pk"))


def _of_mailbox(
    user: User, account: MailAccount, identities: Collection[Identity], *, first: bool
) -> list[Sender]:
    """The mailbox's senders, its default one in front."""
    name = account.sender_name or user.name
    own = Sender(f"account:{account.pk}", account, account.address, name)
    further = [(i, Sender(f"identity:{i.pk}", account, i.address, i.name or name))
               for i in identities]  # fmt: skip
    chosen = next((s for i, s in further if i.is_default), own)
    ordered = [chosen, *(s for s in (own, *(s for _, s in further)) if s is not chosen)]
    if first:
        ordered[0] = Sender(chosen.key, account, chosen.address, chosen.name, is_default=True)
    return ordered


def _of_organisation(user: User, account: MailAccount) -> list[Sender]:
    """The organisation's addresses; those without a mailbox of their own leave through hers."""
    rows = OrganisationAddress.objects.filter(confirmed_at__isnull=False)
    return [
        Sender(f"organisation:{r.pk}", r.account or account, r.address, r.name or user.name)
        for r in rows.select_related("account").order_by("address")
        if user.role in r.roles and (r.account is None or r.account.is_connected)
    ]


def _delivered_to(copy: MessageCopy) -> list[str]:
    """The addresses the servers say they delivered it to: of a mailing list, or a blind copy."""
    try:
        raw = sources.source_of(copy)
    except LookupError:
        return []
    end = _HEADER_END.search(raw)
    headers = parse(raw[: end.end()] if end else raw).headers
    return [
        normalised
        for name in ("delivered-to", "x-original-to")
        if (normalised := book.normalise(headers.get(name, "")))
    ]


_HEADER_END = re.compile(rb"\r?\n\r?\n")


def _addressed(copy: MessageCopy) -> list[str]:
    """The addresses a mail went to, and, of one that was sent, the one it came from first."""
    if copy.message_id is None:
        return []
    roles = [Participant.Role.FROM] if copy.is_outgoing else []
    rows = Participant.objects.filter(
        message=copy.message_id, role__in=[*roles, Participant.Role.TO, Participant.Role.CC]
    ).order_by("role", "position")
    return list(rows.values_list("address__address", flat=True)[:200])
