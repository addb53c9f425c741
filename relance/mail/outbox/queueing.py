"""Into the outbox: a letter that a program writes, a draft that is sent or scheduled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F

from relance.addresses import book
from relance.files import blobs
from relance.lib import clock
from relance.mail import server_drafts
from relance.mail.drafts import NotADraft
from relance.mail.models import (
    MailAccount,
    MessageCopy,
    Outgoing,
    OutgoingAttachment,
    OutgoingRecipient,
    Thread,
)
from relance.mail.outbox import letters, telling
from relance.mail.outbox.letters import Letter
from relance.mail.outbox.times import SOONEST, TooSoon
from relance.mime import compose
from relance.users.models import User

_State = Outgoing.State
Person = tuple[str, str, str, str]  # role, name, address, record


class NoRecipient(ValueError):
    """Nobody to send to, or an address that is none: `.address` holds it."""

    def __init__(self, address: str = "") -> None:
        super().__init__(address)
        self.address = address


class MayNotSend(PermissionError):
    """This user may not send (any more)."""


@transaction.atomic
def queue(
    account: MailAccount, author: User, letter: Letter, *, thread: Thread | None = None
) -> Outgoing:
    """Write the mail to send; a job takes it from there. Raises `NoRecipient`."""
    people = [(role, a.name, a.address, "") for role, a in letter.people()]
    _check(address for _, _, address, _ in people)
    outgoing = Outgoing.objects.create(
        account=account,
        author=author,
        thread=thread,
        kind=Outgoing.Kind.REPLY if letter.in_reply_to else Outgoing.Kind.NEW,
        people=_listed(people),
        message_id=compose.new_message_id(account.domain),
        in_reply_to=letter.in_reply_to,
        references=" ".join(letter.references),
        headers=[list(header) for header in letter.headers],
        subject=letter.subject[:998],
        text=letter.text or compose.text_of(letter.html),
        html=letter.html,
    )
    _attach(outgoing, letter)
    _write_recipients(outgoing, people)
    telling.announce(outgoing)
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
        html=letter.html,
        headers=letter.headers,
        files=letter.files,
        calendar=letter.calendar,
        calendar_method=letter.calendar_method,
    )
    MessageCopy.objects.filter(pk=copy.pk).update(is_answered=True)
    return queue(account, author, answered, thread=copy.thread)


def send(draft: Outgoing, *, undo: float = 0) -> Outgoing:
    """Queue a draft, to leave in `undo` seconds.

    Raises `NotADraft` when it has left already (a second click) or was changed since `draft` was
    read, `NoRecipient`, and `MayNotSend`.
    """
    now = clock.now()
    return queue_draft(
        draft,
        state=_State.QUEUED,
        queued_at=now,
        next_try_at=now + timedelta(seconds=undo) if undo else None,
        scheduled_at=None,
    )


def schedule(draft: Outgoing, at: datetime, zone: str) -> Outgoing:
    """Have a draft leave at `at` (aware), an hour chosen in `zone`.

    Raises `TooSoon`, and what `send` raises.
    """
    if at < clock.now() + SOONEST - timedelta(seconds=1):
        raise TooSoon(at)
    ZoneInfo(zone)
    return queue_draft(
        draft,
        state=_State.SCHEDULED,
        queued_at=at,
        next_try_at=at,
        scheduled_at=at,
        time_zone=zone,
    )


@transaction.atomic
def queue_draft(draft: Outgoing, **changes: Any) -> Outgoing:
    rows = Outgoing.objects.filter(pk=draft.pk, state=_State.DRAFT, version=draft.version)
    kept = rows.select_related("author").first()  # what leaves is what is kept
    if kept is None:
        raise NotADraft(draft.pk)
    if not (kept.author.is_active and kept.author.may_send):
        raise MayNotSend
    people = _people(kept)
    _check(address for _, _, address, _ in people)
    text = compose.text_of(kept.html) if kept.html else kept.text
    queued = rows.update(
        **(FRESH | changes), text=text, version=F("version") + 1, updated_at=clock.now()
    )
    if not queued:
        raise NotADraft(draft.pk)
    draft.refresh_from_db()
    _write_recipients(draft, people)
    discard_on_server(draft)
    if draft.source_id and draft.kind in _ANSWERS:
        MessageCopy.objects.filter(pk=draft.source_id).update(is_answered=True)
    telling.announce(draft)
    return draft


FRESH: dict[str, Any] = {
    "attempts": 0,
    "error_code": "",
    "last_error": "",
    "reason": {},
    "was_late": False,
    "edited_until": None,
    "lease_until": None,
}
_ANSWERS = (Outgoing.Kind.REPLY, Outgoing.Kind.REPLY_ALL)


def _people(draft: Outgoing) -> list[Person]:
    """Whom a draft is for, as typed."""
    return [
        (role, str(p.get("name", "")), str(p.get("address", "")), str(p.get("record", "")))
        for role in OutgoingRecipient.Role.values
        for p in draft.people.get(role) or ()
    ]


def _listed(people: Sequence[Person]) -> dict[str, list[dict[str, str]]]:
    """The same as a draft keeps it."""
    found: dict[str, list[dict[str, str]]] = {r: [] for r in OutgoingRecipient.Role.values}
    for role, name, address, record in people:
        found[role].append({"name": name, "address": address, "record": record})
    return found


def _write_recipients(outgoing: Outgoing, people: Sequence[Person]) -> None:
    ids = book.ids_for(address for _, _, address, _ in people)
    OutgoingRecipient.objects.filter(outgoing=outgoing).delete()
    OutgoingRecipient.objects.bulk_create(
        OutgoingRecipient(
            outgoing=outgoing,
            role=role,
            address_id=ids[book.normalise(address)],
            name=name[:255],
            record=record[:40],
        )
        for role, name, address, record in people
    )


def _attach(outgoing: Outgoing, letter: Letter) -> None:
    rows = [
        OutgoingAttachment(
            outgoing=outgoing,
            blob=blobs.put(f.data),
            filename=f.filename[:255],
            content_type=f.content_type[:150],
            content_id=f.content_id[:255],
            is_inline=f.is_inline,
        )
        for f in letter.files
    ]
    if letter.calendar:
        kind = f"{letters.CALENDAR}{letter.calendar_method}"[:150]
        rows.append(
            OutgoingAttachment(
                outgoing=outgoing,
                blob=blobs.put(letter.calendar),
                filename="invite.ics",
                content_type=kind,
                is_inline=True,
            )
        )
    OutgoingAttachment.objects.bulk_create(rows)


def discard_on_server(outgoing: Outgoing) -> None:
    """What is queued is no draft any more: its copy in the server's Drafts goes."""
    server_drafts.remove(outgoing)
    if outgoing.draft_uid is not None:
        Outgoing.objects.filter(pk=outgoing.pk).update(draft_uid=None, draft_version=0)


def _check(addresses: Iterable[str]) -> None:
    listed = list(addresses)
    for address in listed:
        if not book.normalise(address):
            raise NoRecipient(address)
    if not listed:
        raise NoRecipient
