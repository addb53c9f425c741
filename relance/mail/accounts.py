"""Mail accounts: connecting, disconnecting, and what the wire needs to reach them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils import timezone

from relance import live
from relance.addresses import book
from relance.mail.models import Folder, MailAccount, Outgoing
from relance.users.models import Organisation, User
from relance.wire import providers
from relance.wire.guard import Guard
from relance.wire.servers import Server

#: Codes of `WireError` that only the owner can mend: nothing is tried again by itself with the
#: same login, or seldom, since servers lock out who insists.
LOGIN_REFUSED = frozenset(
    {"wrong_password", "app_password_required", "oauth_required", "login_disabled"}
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the set-up wizard ends with. Security is "tls", "starttls" or "none"; sharing is
    "private", "custom" or "public", and has no default (D12)."""

    address: str
    imap_host: str
    imap_port: int
    imap_security: str
    imap_username: str
    imap_password: str = field(repr=False)
    smtp_host: str
    smtp_port: int
    smtp_security: str
    sharing: str
    smtp_same_login: bool = True
    smtp_username: str = ""
    smtp_password: str = field(default="", repr=False)
    sender_name: str = ""
    provider: str = "custom"
    excluded_domains: tuple[str, ...] = ()
    smtp_size_limit: int = 0  # bytes, as the server said when it was tried; 0: unknown


@transaction.atomic
def connect(owner: User, settings: Settings) -> MailAccount:
    """Save a mailbox whose servers have been tried, and have it synchronised.

    One that was disconnected comes back with all its mail. Raises ValueError when the address is
    none or no sharing level was chosen.
    """
    address = book.normalise(settings.address)
    if not address or settings.sharing not in MailAccount.Sharing.values:
        raise ValueError("an address and a sharing level are needed")
    account = MailAccount.objects.filter(
        owner=owner, address=address, imap_host=settings.imap_host.lower()
    ).first() or MailAccount(owner=owner, address=address)
    for name in Settings.__slots__:
        if name != "address":
            setattr(account, name, getattr(settings, name))
    account.imap_host, account.smtp_host = settings.imap_host.lower(), settings.smtp_host.lower()
    account.excluded_domains = list(settings.excluded_domains)
    if settings.smtp_same_login:
        account.smtp_username = account.smtp_password = ""
    account.is_default = not MailAccount.objects.filter(owner=owner, is_default=True).exists()
    _start_again(account, *Settings.__slots__, "is_default")
    return account


def disconnect(account: MailAccount) -> None:
    """Stop synchronising and hide the mailbox's mail everywhere; nothing is destroyed (D10)."""
    account.state = MailAccount.State.DISCONNECTED
    account.disconnected_at = timezone.now()
    account.imap_password = account.smtp_password = ""
    account.is_default = False
    account.save(
        update_fields=[
            *("state", "disconnected_at", "imap_password", "smtp_password", "is_default"),
        ]
    )
    announce(account)


@transaction.atomic
def make_default(account: MailAccount) -> None:
    """New mails of its owner leave from this mailbox."""
    if account.is_connected:
        MailAccount.objects.filter(owner=account.owner_id, is_default=True).update(is_default=False)
        MailAccount.objects.filter(pk=account.pk).update(is_default=True)


def change_password(account: MailAccount, password: str, *, smtp_password: str = "") -> None:
    """Keep a new password (and one for sending, where it is another) and try again at once."""
    account.imap_password = password
    if smtp_password and not account.smtp_same_login:
        account.smtp_password = smtp_password
    _start_again(account, "imap_password", "smtp_password")
    announce(account)


def change_servers(account: MailAccount, settings: Settings) -> None:
    """Keep other servers or logins for the same mailbox, and try again at once."""
    kept = {"address", "sharing", "excluded_domains", "provider"}
    changed = [name for name in Settings.__slots__ if name not in kept]
    for name in changed:
        setattr(account, name, getattr(settings, name))
    _start_again(account, *changed)
    announce(account)


def ask_sync(account: MailAccount) -> None:
    """Have the mailbox synchronised as soon as somebody is free, also while a failure is waited
    out."""
    MailAccount.objects.filter(pk=account.pk).update(wanted_at=timezone.now(), next_try_at=None)


def announce(account: MailAccount) -> None:
    """Tell the owner's open pages of the mailbox's state."""
    live.publish(
        "sync.state",
        {"account": account.pk, "state": account.state, "error": account.error_code},
        user_id=account.owner_id,
    )


_OWN_ADDRESSES = """
SELECT address FROM mail_mailaccount WHERE owner_id = %s
UNION SELECT i.address FROM mail_identity i JOIN mail_mailaccount a ON a.id = i.account_id
WHERE a.owner_id = %s AND i.confirmed_at IS NOT NULL
UNION SELECT o.address FROM mail_organisationaddress o JOIN mail_mailaccount a
ON a.id = o.account_id WHERE a.owner_id = %s AND o.confirmed_at IS NOT NULL
"""


def own_addresses(user_id: int) -> set[str]:
    """The addresses a user writes from (lower case): what is from one of them was sent by her
    (D48). Her mailboxes', the proven further ones, and those of the organisation that leave
    through one of her mailboxes."""
    with connection.cursor() as cursor:  # asked for every page and every mail: one round trip
        cursor.execute(_OWN_ADDRESSES, [user_id] * 3)
        return {str(address).lower() for (address,) in cursor.fetchall()}


def folder_for(account: MailAccount, use: str) -> Folder | None:
    """The mailbox's folder of that use, if the server has one."""
    return account.folders.filter(special_use=use, missing_at=None).order_by("pk").first()


def guard() -> Guard:
    """Who may be reached besides the public internet: what the administrator listed."""
    organisation = Organisation.current()
    return Guard(frozenset(organisation.allowed_hosts if organisation else ()))


def imap_server(account: MailAccount) -> Server:
    return Server(
        host=account.imap_host,
        port=account.imap_port,
        security=account.imap_security,  # type: ignore[arg-type]  # constrained by its choices
        username=account.imap_username,
        password=account.imap_password,
    )


def smtp_server(account: MailAccount) -> Server:
    username, password = account.smtp_login
    return Server(
        host=account.smtp_host,
        port=account.smtp_port,
        security=account.smtp_security,  # type: ignore[arg-type]  # constrained by its choices
        username=username,
        password=password,
    )


def saves_sent(account: MailAccount) -> bool:
    """Does the provider file what one submits in Sent by itself? A second copy would double it."""
    return any(p.id == account.provider and p.saves_sent for p in providers.all_providers())


def same_login(account: MailAccount) -> bool:
    """Are the servers and the password still those that `account` was read with?"""
    now = MailAccount.objects.get(pk=account.pk)
    return (imap_server(now), smtp_server(now)) == (imap_server(account), smtp_server(account))


def _start_again(account: MailAccount, *changed: str) -> None:
    """Save these fields, and have the mailbox tried anew; what waits for a login that was refused
    may leave at once. Never the lease: somebody may be at work."""
    account.state = MailAccount.State.PENDING
    account.error_code = account.last_error = ""
    account.attempts = 0
    account.next_try_at = account.disconnected_at = None
    account.wanted_at = timezone.now()
    if account._state.adding:
        account.save()
        return
    account.save(update_fields=[*changed, *_RESTARTED])
    Outgoing.objects.filter(
        account=account, state=Outgoing.State.RETRYING, error_code__in=LOGIN_REFUSED
    ).update(next_try_at=None)


_RESTARTED = (
    *("state", "error_code", "last_error", "attempts", "next_try_at", "disconnected_at"),
    "wanted_at",
)
