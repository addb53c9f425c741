"""Proving that one reads what an address receives: a code of six digits, mailed to it.

Only the code's keyed digest is kept. It lives fifteen days and stands ten attempts; sending it
again begins neither of them anew before it has run out, so that nobody guesses it by asking for
more.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from relance.addresses import book
from relance.lib import clock
from relance.mail import connection, identities, system
from relance.mail.models import Identity, MailAccount, OrganisationAddress, Outgoing
from relance.mail.models.identities import Proven
from relance.users.models import User
from relance.wire.errors import WireError

#: Between two codes to the same address.
AGAIN_AFTER = timedelta(minutes=2)
#: After ten wrong codes.
REST = timedelta(hours=1)
_DIGITS = 6
_SALT = "relance.mail.proving"


class NotAnAddress(ValueError):
    """What was given is no address."""


class Taken(ValueError):
    """That address is there already."""


class Wait(Exception):
    """A code was just sent; `seconds` until another may be."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NotSent(Exception):
    """The code could not be mailed: `code` of the wire's errors or "busy", and the
    server's own words."""

    def __init__(self, code: str, answer: str) -> None:
        super().__init__(code)
        self.code, self.answer = code, answer


class Refused(Exception):
    """The code does not prove the address. `code`: "wrong" (with `left` attempts), "expired",
    "exhausted", or "none" when none was sent."""

    def __init__(self, code: str, left: int = 0) -> None:
        super().__init__(code)
        self.code, self.left = code, left


def add_identity(account: MailAccount, address: str, name: str = "") -> Identity:
    """A further sender address of that mailbox, not proven yet. Raises `NotAnAddress`, `Taken`."""
    wanted = _checked(address)
    taken = wanted == account.address.lower()
    if taken or Identity.objects.filter(account=account, address=wanted).exists():
        raise Taken(wanted)
    return Identity.objects.create(account=account, address=wanted, name=_name(name))


def add_organisation_address(
    address: str, name: str = "", *, roles: list[str], account: MailAccount | None = None
) -> OrganisationAddress:
    """An address of the organisation for users of these roles, not proven yet. Raises
    `NotAnAddress`, `Taken`."""
    wanted = _checked(address)
    if OrganisationAddress.objects.filter(address=wanted).exists():
        raise Taken(wanted)
    known = [r for r in User.Role.values if r in roles]
    return OrganisationAddress.objects.create(
        address=wanted, name=_name(name), roles=known, account=account
    )


def send_code(row: Proven, through: MailAccount, asked_by: User) -> None:
    """Mail a code to the address of `row`: through the system mailbox when there is one that is
    not her own, else through `through`.

    Raises `Wait`, and `NotSent` when it cannot be sent; an earlier code then still counts.
    """
    now = clock.now()
    _check_pause(row)
    chosen = system.mailbox()
    account = through if chosen is None or chosen.owner_id == asked_by.pk else chosen
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    subject, text = _letter(row, code, asked_by)
    try:
        system.submit_now(account, str(row), subject, text)
    except WireError as error:
        raise NotSent(error.code, error.server_text) from error
    except connection.Busy as error:
        raise NotSent("busy", "") from error
    spent = row.code_attempts >= row.MOST_ATTEMPTS
    row.code_digest, row.code_sent_at = _digest(row, code), now
    row.code_attempts = 0 if spent else row.code_attempts
    row.save(update_fields=["code_digest", "code_sent_at", "code_attempts"])


def wait_of(row: Proven) -> int:
    """Seconds until a code may be sent (again); 0: now."""
    if row.code_sent_at is None:
        return 0
    spent = row.code_attempts >= row.MOST_ATTEMPTS
    until = row.code_sent_at + (REST if spent else AGAIN_AFTER)
    return max(0, round((until - clock.now()).total_seconds()))


def is_waiting(row: Proven) -> bool:
    """Is a code underway that still counts?"""
    sent = row.code_sent_at
    return (
        not row.is_confirmed
        and sent is not None
        and sent + row.CODE_LIFE > clock.now()
        and row.code_attempts < row.MOST_ATTEMPTS
    )


def confirm(row: Proven, code: str) -> None:
    """Prove the address. Raises `Refused`. Each attempt counts, also when many come at once."""
    model = type(row)
    if row.is_confirmed:
        return
    if not row.code_digest or row.code_sent_at is None:
        raise Refused("none")
    if row.code_sent_at + row.CODE_LIFE <= clock.now():
        raise Refused("expired")
    rows = model._default_manager.filter(pk=row.pk, code_digest=row.code_digest)
    counted = rows.filter(code_attempts__lt=row.MOST_ATTEMPTS).update(
        code_attempts=F("code_attempts") + 1
    )
    if not counted:
        raise Refused("exhausted")
    row.refresh_from_db()
    digits = "".join(c for c in code if c.isascii() and c.isdigit())
    if not hmac.compare_digest(_digest(row, digits), row.code_digest):
        left = row.MOST_ATTEMPTS - row.code_attempts
        raise Refused("wrong" if left else "exhausted", left)
    row.confirmed_at, row.code_digest, row.code_attempts = clock.now(), "", 0
    row.save(update_fields=["confirmed_at", "code_digest", "code_attempts"])


@transaction.atomic
def make_default(account: MailAccount, identity: Identity | None) -> None:
    """New mails of that mailbox leave from `identity` (proven), or from its own address."""
    Identity.objects.filter(account=account, is_default=True).update(is_default=False)
    if identity is not None and identity.is_confirmed:
        Identity.objects.filter(pk=identity.pk, account=account).update(is_default=True)


class InUse(Exception):
    """`count` mails wait to leave from that address."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


@transaction.atomic
def remove(row: Identity | OrganisationAddress) -> None:
    """Give the address up. Drafts begun from it go on from their author's own. Raises `InUse`
    while mails wait to leave from it: they must not leave from another."""
    which = "identity" if isinstance(row, Identity) else "organisation_address"
    mails = Outgoing.objects.filter(**{which: row})
    if count := mails.filter(state__in=_UNDERWAY).count():
        raise InUse(count)
    for draft in mails.filter(state=Outgoing.State.DRAFT).select_related("author"):
        if isinstance(row, OrganisationAddress):
            _use_own(draft)
    row.delete()


_UNDERWAY = [
    Outgoing.State.QUEUED,
    Outgoing.State.SCHEDULED,
    Outgoing.State.SENDING,
    Outgoing.State.RETRYING,
    Outgoing.State.HELD,
]


def _use_own(draft: Outgoing) -> None:
    """The draft leaves through a mailbox of its author's again, not through the organisation's."""
    senders = identities.senders_for(draft.author)
    if senders and senders[0].kind != "organisation":
        Outgoing.objects.filter(pk=draft.pk).update(
            account=senders[0].account, version=F("version") + 1
        )


def _check_pause(row: Proven) -> None:
    if seconds := wait_of(row):
        raise Wait(seconds)


def _checked(address: str) -> str:
    wanted = book.normalise(address)
    if not wanted or any(c in wanted for c in '<>(),;:"[]\\'):
        raise NotAnAddress(address)
    return wanted


def _name(name: str) -> str:
    return " ".join(name.split())[:150]


def _digest(row: Proven, code: str) -> str:
    return salted_hmac(_SALT, f"{row._meta.label}:{row.pk}:{code}", algorithm="sha256").hexdigest()


def _letter(row: Proven, code: str, asked_by: User) -> tuple[str, str]:
    with translation.override(asked_by.language):
        subject = _("%(code)s is the code for %(address)s") % {"code": code, "address": row}
        lines = [
            _("%(name)s wants to write from %(address)s in Relance.")
            % {"name": asked_by.name, "address": row},
            _("The code is %(code)s. It is valid for %(n)s days.")
            % {"code": code, "n": row.CODE_LIFE.days},
            _("Nobody may use this address without it. If you know nothing of this, do nothing."),
        ]
    return subject, "\n\n".join(lines) + "\n"
