"""Sending: queue, claim, compose, submit, record, file in Sent. States in `models.Outgoing`."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from relance import live, notices
from relance.addresses import book
from relance.jobs import leases
from relance.lib import clock
from relance.mail import accounts, operations
from relance.mail.models import (
    Folder,
    MailAccount,
    MessageCopy,
    Operation,
    Outgoing,
    OutgoingRecipient,
    Thread,
)
from relance.mime import compose
from relance.mime.message import Address
from relance.users.models import User
from relance.wire.errors import PermanentFailure, TransientFailure, UncertainOutcome, WireError
from relance.wire.smtp import Submitted, submit

_log = logging.getLogger(__name__)
_LEASE_SECONDS = 300
_FIRST_RETRY, _LAST_RETRY = 300.0, 4 * 3600.0  # seconds
_LOGIN_RETRY = 900.0  # seconds between attempts to log in with what was refused
GIVE_UP_AFTER = timedelta(days=5)
_State, _Refused = Outgoing.State, OutgoingRecipient.State.REFUSED


@dataclass(frozen=True, slots=True)
class Letter:
    """What to send. Ids are without brackets; `references` are the parent's, then the parent."""

    subject: str
    text: str
    to: Sequence[Address]
    cc: Sequence[Address] = ()
    bcc: Sequence[Address] = ()
    in_reply_to: str = ""
    references: Sequence[str] = field(default_factory=tuple)


class NoRecipient(ValueError):
    """Nobody to send to, or an address that is none: `.address` holds it."""

    def __init__(self, address: str = "") -> None:
        super().__init__(address)
        self.address = address


@transaction.atomic
def queue(
    account: MailAccount, author: User, letter: Letter, *, thread: Thread | None = None
) -> Outgoing:
    """Write the mail to send; a job takes it from there. Raises `NoRecipient`."""
    recipients = [
        *((OutgoingRecipient.Role.TO, a) for a in letter.to),
        *((OutgoingRecipient.Role.CC, a) for a in letter.cc),
        *((OutgoingRecipient.Role.BCC, a) for a in letter.bcc),
    ]
    _check(a.address for _, a in recipients)
    ids = book.ids_for(a.address for _, a in recipients)
    outgoing = Outgoing.objects.create(
        account=account,
        author=author,
        thread=thread,
        message_id=compose.new_message_id(account.domain),
        in_reply_to=letter.in_reply_to,
        references=" ".join(letter.references),
        subject=letter.subject[:998],
        text=letter.text,
    )
    OutgoingRecipient.objects.bulk_create(
        OutgoingRecipient(
            outgoing=outgoing,
            role=role,
            address_id=ids[book.normalise(a.address)],
            name=a.name[:255],
        )
        for role, a in recipients
    )
    _announce(outgoing)
    return outgoing


def queue_reply(
    account: MailAccount, author: User, *, copy: MessageCopy, letter: Letter
) -> Outgoing:
    """Queue an answer to the message of `copy`, in its thread."""
    message = copy.message
    if message is None:
        raise ValueError("a message that was not read cannot be answered")
    references = [*message.references.split(), message.message_id]
    answered = Letter(
        subject=letter.subject or compose.reply_subject(message.subject),
        text=letter.text,
        to=letter.to,
        cc=letter.cc,
        bcc=letter.bcc,
        in_reply_to=message.message_id,
        references=tuple(r for r in references if r),
    )
    MessageCopy.objects.filter(pk=copy.pk).update(is_answered=True)
    return queue(account, author, answered, thread=copy.thread)


def _check(addresses: Iterable[str]) -> None:
    listed = list(addresses)
    for address in listed:
        if not book.normalise(address):
            raise NoRecipient(address)
    if not listed:
        raise NoRecipient


def due() -> list[int]:
    """Ids of the mails to send now, oldest first."""
    return list(_sendable().order_by("queued_at").values_list("pk", flat=True)[:100])


def _sendable() -> QuerySet[Outgoing]:
    """Mails that may leave now. Where the server has just refused the login, none may: one failed
    attempt a quarter of an hour is all a mailbox makes."""
    refused = Outgoing.objects.filter(
        account=OuterRef("account"),
        state=_State.RETRYING,
        error_code__in=accounts.LOGIN_REFUSED,
        next_try_at__gt=clock.now(),
    )
    return Outgoing.objects.filter(
        leases.due(), _WAITING, ~Exists(refused), account__state__in=_MAY_SEND
    )


def deliver(outgoing_id: int) -> bool:
    """Claim that mail and send it. False when somebody else has it, or it is not due."""
    claimed = leases.claim(
        _sendable(), outgoing_id, seconds=_LEASE_SECONDS, own=_WAITING, state=_State.SENDING
    )
    if not claimed:
        return False
    outgoing = Outgoing.objects.select_related("account", "author").get(pk=outgoing_id)
    _announce(outgoing)
    _send(outgoing)
    return True


_WAITING = Q(state__in=[_State.QUEUED, _State.RETRYING])
_MAY_SEND = [
    MailAccount.State.PENDING,
    MailAccount.State.IMPORTING,
    MailAccount.State.OK,
    MailAccount.State.DEGRADED,
]


def _send(outgoing: Outgoing) -> None:
    waiting = outgoing.recipients.filter(state=OutgoingRecipient.State.WAITING)
    addresses = list(waiting.values_list("address__address", flat=True).distinct())
    try:
        answer = submit(
            accounts.smtp_server(outgoing.account),
            accounts.guard(),
            mail_from=outgoing.account.address,
            rcpt_to=addresses,
            data=bytes_of(outgoing),
        )
    except UncertainOutcome as error:
        _settle(outgoing, _State.UNCERTAIN, error.code)
    except PermanentFailure as error:
        if error.code in accounts.LOGIN_REFUSED:
            _wait_for_login(outgoing, error)
        else:
            _fail(outgoing, error)
    except TransientFailure as error:
        _retry(outgoing, error.code)
    else:
        _record(outgoing, answer)


@transaction.atomic
def _record(outgoing: Outgoing, answer: Submitted) -> None:
    """What the server said of each recipient; those put off are tried again, alone."""
    put_off = {a for a, r in answer.refused.items() if r.is_transient}
    for address, refusal in answer.refused.items():
        if address not in put_off:
            outgoing.recipients.filter(address__address=address).update(
                state=_Refused, answer=f"{refusal.code} {refusal.enhanced} {refusal.text}"[:500]
            )
    outgoing.recipients.filter(address__address__in=answer.accepted).update(
        state=OutgoingRecipient.State.ACCEPTED, answer=answer.server_text[:500]
    )
    if answer.accepted and outgoing.sent_at is None:
        outgoing.sent_at = clock.now()
        outgoing.save(update_fields=["sent_at"])
        _file(outgoing)
    if put_off:
        _retry(outgoing, "throttled")
    elif outgoing.recipients.filter(state=OutgoingRecipient.State.ACCEPTED).exists():
        _settle(outgoing, _State.SENT)
        _tell_refused(outgoing)
    else:
        _settle(outgoing, _State.FAILED, "rejected")
        _tell_refused(outgoing)


def _tell_refused(outgoing: Outgoing) -> None:
    refused = outgoing.recipients.filter(state=_Refused).select_related("address")
    if refused:
        _tell(outgoing, [r.address.address for r in refused], refused[0].answer)


def _fail(outgoing: Outgoing, error: WireError) -> None:
    with transaction.atomic():
        _settle(outgoing, _State.FAILED, error.code)
        addresses = outgoing.recipients.values_list("address__address", flat=True)
        _tell(outgoing, list(addresses), error.server_text)


@transaction.atomic
def _wait_for_login(outgoing: Outgoing, error: WireError) -> None:
    """The mail waits for the owner to mend the password; she is told once."""
    if outgoing.queued_at < clock.now() - GIVE_UP_AFTER:
        _fail(outgoing, error)
        return
    waiting = Outgoing.objects.filter(
        account=outgoing.account,
        state__in=[_State.SENDING, _State.RETRYING],
        error_code__in=accounts.LOGIN_REFUSED,
    )
    if not waiting.exists():
        addresses = outgoing.recipients.values_list("address__address", flat=True)
        _tell(outgoing, list(addresses), error.server_text)
    leases.postpone(
        outgoing, _LOGIN_RETRY, error.code, state=_State.RETRYING, error_code=error.code
    )
    _announce(outgoing, _State.RETRYING)


def _retry(outgoing: Outgoing, code: str) -> None:
    if outgoing.queued_at < clock.now() - GIVE_UP_AFTER:
        _fail(outgoing, PermanentFailure(code, "given up after five days"))
        return
    wait = leases.back_off(outgoing.attempts, first=_FIRST_RETRY, most=_LAST_RETRY)
    leases.postpone(outgoing, wait, code, state=_State.RETRYING, error_code=code)
    _announce(outgoing, _State.RETRYING)


def _settle(outgoing: Outgoing, state: str, code: str = "") -> None:
    leases.release(outgoing, state=state, error_code=code)
    _announce(outgoing, state)


def try_again(outgoing: Outgoing) -> bool:
    """The user asks to send a failed or uncertain mail again, knowing what that may mean."""
    rows = Outgoing.objects.filter(pk=outgoing.pk, state__in=[_State.FAILED, _State.UNCERTAIN])
    with transaction.atomic():
        again = rows.update(
            state=_State.QUEUED, error_code="", attempts=0, queued_at=clock.now(), next_try_at=None
        )
        outgoing.recipients.exclude(state=OutgoingRecipient.State.ACCEPTED).update(
            state=OutgoingRecipient.State.WAITING, answer=""
        )
        _announce(outgoing, _State.QUEUED)
    return bool(again)


def sweep() -> int:
    """Take up what is behind: due mails, and those whose sender died. Returns how many."""
    stuck = Outgoing.objects.filter(state=_State.SENDING, lease_until__lt=clock.now())
    for outgoing in stuck.select_related("account"):
        _judge(outgoing)
    settled = settle_uncertain()
    return settled + sum(deliver(pk) for pk in due())


def _judge(outgoing: Outgoing) -> None:
    """A worker died while sending: did it leave? Only the Sent folder can tell."""
    _settle(outgoing, _State.UNCERTAIN, "interrupted")
    settle_uncertain()


def settle_uncertain() -> int:
    """Uncertain mails whose Message-ID has turned up in a mailbox were sent after all."""
    settled = 0
    for outgoing in Outgoing.objects.filter(state=_State.UNCERTAIN).select_related("account"):
        seen = MessageCopy.objects.filter(
            account=outgoing.account, message__message_id=outgoing.message_id
        )
        if seen.exists():
            _settle(outgoing, _State.SENT)
            settled += 1
    return settled


def bytes_of(outgoing: Outgoing) -> bytes:
    """The message as it leaves: the same on every attempt, since its parts are fixed."""
    people: dict[str, list[Address]] = {"to": [], "cc": [], "bcc": []}
    for r in outgoing.recipients.select_related("address").order_by("pk"):
        people[r.role].append(Address(r.name, r.address.address))
    account = outgoing.account
    return compose.build(
        compose.Composition(
            from_=Address(account.sender_name or outgoing.author.name, account.address),
            to=tuple(people["to"]),
            cc=tuple(people["cc"]),
            subject=outgoing.subject,
            text=outgoing.text,
            message_id=outgoing.message_id,
            date=outgoing.queued_at,
            in_reply_to=outgoing.in_reply_to,
            references=tuple(outgoing.references.split()),
        )
    )


def _file(outgoing: Outgoing) -> None:
    """Have a copy put in Sent, unless the provider does so by itself."""
    if accounts.saves_sent(outgoing.account):
        return
    Operation.objects.create(
        account=outgoing.account,
        kind=Operation.Kind.APPEND,
        outgoing=outgoing,
        target_folder=operations.folder_of(outgoing.account, Folder.Use.SENT),
    )
    accounts.ask_sync(outgoing.account)


def _tell(outgoing: Outgoing, addresses: list[str], answer: str) -> None:
    notices.tell(
        outgoing.author_id,
        "outgoing_failed",
        {"addresses": addresses[:5], "answer": answer[:300], "code": outgoing.error_code},
        url=f"/threads/{outgoing.thread_id}/" if outgoing.thread_id else "",
    )


def _announce(outgoing: Outgoing, state: str = "") -> None:
    live.publish(
        "outgoing.changed",
        {"id": outgoing.pk, "thread": outgoing.thread_id, "state": state or outgoing.state},
        user_id=outgoing.author_id,
    )
