"""What Relance itself writes to its users, through the mailbox an administrator chose for it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from relance.lib import clock
from relance.mail import accounts, connection, jobs, outbox
from relance.mail.models import MailAccount
from relance.mime import compose
from relance.mime.message import Address
from relance.users.models import User
from relance.wire.errors import PermanentFailure
from relance.wire.smtp import SmtpSession

#: RFC 3834, 5: nobody's program must answer these.
_AUTOMATIC = (("Auto-Submitted", "auto-generated"),)
_PATIENCE = 10.0  # seconds for each step of a submission somebody waits for


def mailbox() -> MailAccount | None:
    """The system mailbox, if one is chosen, connected and its owner still here."""
    rows = MailAccount.objects.filter(is_system=True, owner__is_active=True)
    rows = rows.exclude(state__in=[MailAccount.State.DISCONNECTED, MailAccount.State.AUTH_ERROR])
    return rows.select_related("owner").first()


def candidates() -> QuerySet[MailAccount]:
    """The mailboxes Relance, or an address of the organisation, may write through: connected, and
    an administrator's own, who knows what leaves from them."""
    rows = MailAccount.objects.filter(owner__is_active=True, owner__role=User.Role.ADMIN)
    return rows.exclude(state=MailAccount.State.DISCONNECTED).order_by("address", "pk")


@transaction.atomic
def choose(account: MailAccount | None) -> None:
    """Make that mailbox the system's, or none."""
    MailAccount.objects.filter(is_system=True).update(is_system=False)
    if account is not None:
        MailAccount.objects.filter(pk=account.pk).update(is_system=True)


def send(to: str, subject: str, text: str) -> bool:
    """Queue a mail in plain text to that address. False when there is no system mailbox, or
    that is no address: the caller then tells it some other way."""
    account = mailbox()
    if account is None:
        return False
    letter = outbox.Letter(subject, text, [Address("", to)], headers=_AUTOMATIC)
    try:
        queued = outbox.queue(account, account.owner, letter)
    except outbox.NoRecipient:
        return False
    jobs.deliver_later(queued.pk)
    return True


def submit_now(account: MailAccount, to: str, subject: str, text: str) -> None:
    """Submit a mail through that mailbox while the caller waits, leaving no copy in Sent: for
    codes, which only whoever reads the other mailbox may see.

    Raises `WireError` when the server cannot be reached or refuses, `connection.Busy` when too many
    pages wait for servers.
    """
    sender = Address(account.sender_name or "Relance", account.address)
    message = compose.build(
        compose.Composition(
            from_=sender,
            to=(Address("", to),),
            subject=subject,
            text=text,
            message_id=compose.new_message_id(account.domain),
            date=clock.now(),
            headers=_AUTOMATIC,
        )
    )
    server, guard = accounts.smtp_server(account), accounts.guard()
    with connection.place(), SmtpSession(server, guard, timeout=_PATIENCE) as session:
        answer = session.submit(mail_from=account.address, rcpt_to=[to], data=message)
    for refusal in answer.refused.values():
        raise PermanentFailure("rejected", "the recipient was refused", refusal.text)
