"""What came back: binding reports of undelivered mail to mails we really sent (D16, D17).

A report counts when it names the Message-ID of a mail that left here (`Outgoing`), or of one in a
Sent folder of ours, and a recipient of exactly that mail. Anything else changes nothing: whoever
can write to us can write a report. What follows for the address is in `addresses.suppression`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Count

from relance import journal, live, notices
from relance.addresses import book, suppression
from relance.addresses.models import EmailAddress
from relance.journal.models import Entry
from relance.lib import clock, keys
from relance.mail import ports, sources, threads
from relance.mail.models import (
    Bounce,
    CopyParticipant,
    Folder,
    Message,
    MessageCopy,
    Outgoing,
    OutgoingRecipient,
    Participant,
    Thread,
    ThreadReference,
)
from relance.mime import dsn
from relance.mime.statuses import UNFOUND, Cause, Kind, verdict
from relance.users.models import User

UNBLOCKED = "address.unblock"
_READ_OF_A_REPORT = 2_000_000  # bytes; the fields come before the mail that is returned
_UNDELIVERED = (Kind.HARD, Kind.SOFT)
_MOST_NAMED = 5
_SENT_BY = [Participant.Role.TO, Participant.Role.CC]
# refusals by the server one submits to that speak of us, not of the recipient
_OF_THE_MAIL = (Cause.SPAM, Cause.TOO_LARGE, Cause.SERVER_DOWN, Cause.EXPIRED)
_ABOUT_US = re.compile(
    r"relay|authenti|sender|limit|\brate\b|too many|your (?:ip|host)|daily", re.IGNORECASE
)


@dataclass(slots=True)
class Original:
    """The mail a report is about, as it left here: by the outbox, or by another program."""

    message_id: str
    author_id: int
    addresses: dict[str, int]  # of everybody it went to, with their rows
    subject: str
    account_id: int
    outgoing: Outgoing | None = None
    message: Message | None = None
    recipients: list[OutgoingRecipient] = field(default_factory=list)


def read(copies: Iterable[MessageCopy]) -> set[int]:
    """Take these newly arrived reports to heart; returns the ids of those about mails of ours.

    Inside the transaction that placed them. `copies` come with message, folder and account.
    """
    return {copy.pk for copy in copies if _read(copy)}


@transaction.atomic
def refused(recipient: OutgoingRecipient, code: int, enhanced: str, text: str) -> Bounce:
    """The server one submits to refused this recipient for good, at once.

    The outbox has recorded that on `recipient` and tells the author; here follows what it means
    for the address. A refusal that speaks of the mail or of us (its size, spam, relaying, our
    limits) means nothing for it: that server is ours, not the recipient's.
    """
    found = verdict(enhanced, f"{code} {text}", reply=code)
    bounce = Bounce.objects.create(
        recipient=recipient,
        original_message_id=recipient.outgoing.message_id,
        address_id=recipient.address_id,
        kind=found.kind,
        cause=found.cause,
        status=enhanced[:12],
        diagnostic=f"{code} {text}".strip()[:500],
    )
    is_about_us = found.cause in (Cause.BLOCKED, Cause.OTHER) and _ABOUT_US.search(text)
    if found.cause not in _OF_THE_MAIL and not is_about_us:
        _follow(bounce)
    return bounce


def of(outgoing_ids: Collection[int]) -> dict[int, list[Bounce]]:
    """What came back of these mails, by mail, oldest first; with `recipient` and `address`."""
    rows = Bounce.objects.filter(recipient__outgoing__in=outgoing_ids)
    found: dict[int, list[Bounce]] = {}
    for bounce in rows.select_related("recipient", "address", "report").order_by("at", "pk"):
        if bounce.recipient is not None:
            found.setdefault(bounce.recipient.outgoing_id, []).append(bounce)
    return found


def of_messages(message_ids: Collection[int]) -> dict[int, list[Bounce]]:
    """The same for mails that another program sent, by message."""
    rows = Bounce.objects.filter(message__in=message_ids)
    found: dict[int, list[Bounce]] = {}
    for bounce in rows.select_related("address", "report").order_by("at", "pk"):
        found.setdefault(bounce.message_id or 0, []).append(bounce)
    return found


def latest_of(address: EmailAddress) -> Bounce | None:
    """What last came back from that address, delays apart."""
    rows = Bounce.objects.filter(address=address).exclude(kind=Bounce.Kind.DELAYED)
    return rows.order_by("-at", "-pk").first()


@transaction.atomic
def unblock(user: User, address: EmailAddress, *, reason: str) -> Entry:
    """Free an address, for a reason that the journal keeps (BNC-05).

    Raises `suppression.NotAllowed`, and ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("a reason is needed")
    row = EmailAddress.objects.select_for_update().get(pk=address.pk)
    before = suppression.lift(user, row)
    params = {"address": row.address, "reason": reason.strip()[:500]}
    return journal.record(user, UNBLOCKED, params, before)


def register() -> None:
    """Tell the journal how to undo what this module does."""
    journal.register_undo(UNBLOCKED, _block_again)


def _block_again(entry: Entry) -> None:
    before: dict[str, Any] = entry.payload
    if before.get("erased_at"):
        suppression.erase(EmailAddress.objects.filter(pk=before["address"]))
    EmailAddress.objects.filter(pk=before["address"]).update(
        invalid_at=before["invalid_at"],
        blocked_at=before["blocked_at"],
        soft_bounces=before["soft_bounces"],
    )


def _read(copy: MessageCopy) -> bool:
    """Bind one report. False when it is about no mail of ours."""
    try:
        source = sources.source_of(copy)[:_READ_OF_A_REPORT]
    except LookupError:
        return False
    bound: list[tuple[Original, Bounce, bool]] = []
    originals: dict[str, Original | None] = {}
    for report in dsn.reports(source):
        name = report.original_message_id
        if name not in originals:
            originals[name] = _original(name)
        original = originals[name]
        if original is not None and (made := _bind(copy, original, report)):
            bound.append((original, *made))
    if not bound:
        return False
    _tell(bound)
    _join(copy, bound[0][0])
    return True


def _original(message_id: str) -> Original | None:
    """The mail of ours with that Message-ID, if there is one."""
    if not message_id:
        return None
    outgoing = (
        Outgoing.objects.filter(message_id=message_id)
        .exclude(state__in=[Outgoing.State.DRAFT, Outgoing.State.SCHEDULED])
        .first()
    )
    if outgoing is not None:
        recipients = list(outgoing.recipients.select_related("address"))
        people = {r.address.address: r.address_id for r in recipients}
        return Original(
            message_id,
            outgoing.author_id,
            people,
            outgoing.subject,
            outgoing.account_id,
            outgoing=outgoing,
            recipients=recipients,
        )
    return _sent_elsewhere(message_id)


def _sent_elsewhere(message_id: str) -> Original | None:
    """A mail sent by another program, known by its copy in a Sent folder of ours."""
    copy = (
        MessageCopy.objects.filter(
            message__message_id_hash=keys.short_hash(message_id),
            message__message_id=message_id,
            is_outgoing=True,
            folder__special_use=Folder.Use.SENT,
        )
        .select_related("message", "account")
        .first()
    )
    if copy is None or copy.message is None:
        return None
    named = Participant.objects.filter(message=copy.message, role__in=_SENT_BY)
    hidden = CopyParticipant.objects.filter(copy=copy)
    people = dict(named.values_list("address__address", "address_id"))
    people |= dict(hidden.values_list("address__address", "address_id"))
    return Original(
        message_id,
        copy.account.owner_id,
        people,
        copy.message.subject,
        copy.account_id,
        message=copy.message,
    )


def _bind(copy: MessageCopy, original: Original, report: dsn.Report) -> tuple[Bounce, bool] | None:
    """Write what a report says of one recipient: (the row, whether it is news).

    None when it names nobody we wrote to, or tells of a success.
    """
    address_id = _recipient_of(original, report)
    if address_id is None:
        return None
    if report.kind is Kind.DELIVERED:
        suppression.delivered(address_id)
        return None
    is_news = not Bounce.objects.filter(
        original_message_id=original.message_id, address=address_id, kind=report.kind
    ).exists()
    rows = [r for r in original.recipients if r.address_id == address_id]
    bounce, _ = Bounce.objects.get_or_create(
        report=copy,
        address_id=address_id,
        kind=report.kind,
        defaults={
            "recipient": rows[0] if rows else None,
            "message": original.message,
            "original_message_id": original.message_id,
            "cause": report.cause,
            "status": report.status[:12],
            "diagnostic": report.diagnostic,
            "at": copy.received_at,
        },
    )
    if is_news:
        _record(original, rows, bounce)
    return bounce, is_news


def _recipient_of(original: Original, report: dsn.Report) -> int | None:
    names = (book.normalise(a) for a in (report.recipient, *report.also))
    return next((original.addresses[n] for n in names if n in original.addresses), None)


def _record(original: Original, rows: Sequence[OutgoingRecipient], bounce: Bounce) -> None:
    """The state of that recipient, and what follows for the address."""
    if bounce.kind in _UNDELIVERED and rows:
        OutgoingRecipient.objects.filter(pk__in=[r.pk for r in rows]).update(
            state=OutgoingRecipient.State.BOUNCED, answer=bounce.diagnostic
        )
        outgoing = original.outgoing
        assert outgoing is not None  # recipients are an outgoing mail's
        live.publish(
            "outgoing.changed",
            {"id": outgoing.pk, "thread": outgoing.thread_id, "state": outgoing.state},
            user_id=outgoing.author_id,
        )
    _follow(bounce)


def _follow(bounce: Bounce) -> None:
    """What a failure means for the address (D16): doubt never gives one up."""
    if bounce.kind == Kind.COMPLAINT:
        suppression.mark_opted_out(bounce.address_id)
    elif bounce.kind == Kind.HARD and bounce.cause in UNFOUND:
        suppression.mark_invalid(bounce.address_id)
    elif bounce.kind == Kind.HARD:
        suppression.mark_blocked(bounce.address_id)
    elif bounce.kind == Kind.SOFT:
        suppression.count_soft(bounce.address_id, recent=_recent_soft(bounce.address_id))


def _recent_soft(address_id: int) -> int:
    """Mails to that address that failed for now in the last thirty days; each counts once."""
    rows = Bounce.objects.filter(
        address=address_id, kind=Bounce.Kind.SOFT, at__gte=clock.now() - suppression.WITHIN
    )
    return rows.aggregate(n=Count("original_message_id", distinct=True))["n"] or 0


def _tell(bound: Sequence[tuple[Original, Bounce, bool]]) -> None:
    """Tell the author, once for a report; a delay is only written down."""
    news = [(o, b) for o, b, is_news in bound if is_news and b.kind != Kind.DELAYED]
    if not news:
        return
    original, bounce = news[0]
    addresses = EmailAddress.objects.filter(pk__in=[b.address_id for _, b in news[:_MOST_NAMED]])
    thread_id = _thread_of(original, original.account_id)
    notices.tell(
        original.author_id,
        "mail_bounced",
        {
            "outgoing": original.outgoing.pk if original.outgoing else None,
            "subject": original.subject[:200],
            "addresses": sorted(addresses.values_list("address", flat=True)),
            "kind": str(bounce.kind),
            "cause": str(bounce.cause),
            "status": bounce.status,
            "answer": bounce.diagnostic[:300],
        },
        url=f"/threads/{thread_id}/" if thread_id else "",
    )


def _thread_of(original: Original, account_id: int) -> int | None:
    """The conversation of that mail in that mailbox, None when it has none (yet)."""
    row = ThreadReference.objects.filter(
        account=account_id, reference_hash=keys.short_hash(original.message_id)
    )
    found: int | None = row.values_list("thread_id", flat=True).first()
    return found


def _join(copy: MessageCopy, original: Original) -> None:
    """A report stands with the mail it is about (BNC-09). Where that has not come to this
    mailbox's Sent yet, it will join the report."""
    mine = copy.thread
    if mine is None:
        return
    found = _thread_of(original, copy.account_id)
    if found is None and (outgoing := original.outgoing) and outgoing.account_id == copy.account_id:
        found = outgoing.thread_id
    if found is None:
        ThreadReference.objects.create(
            account_id=copy.account_id,
            reference_hash=keys.short_hash(original.message_id),
            thread=mine,
        )
    elif found != mine.pk:
        _move(copy, mine, Thread.objects.get(pk=found))


def _move(copy: MessageCopy, mine: Thread, thread: Thread) -> None:
    if not MessageCopy.objects.filter(thread=mine).exclude(message=copy.message).exists():
        threads.merge(mine, thread)
        return
    MessageCopy.objects.filter(thread=mine, message=copy.message).update(thread=thread)
    ports.placer.threads_changed(copy.account_id, {mine.pk, thread.pk})
