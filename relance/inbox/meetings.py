"""Invitations that came by mail: shown to their reader, answered by mail, the answer remembered.

The answer goes to the organiser the invitation names, as one of the reader's own addresses that it
invites. Nothing is taken over from a mail whose sender was not proven but the fact that it came.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.db import transaction

from relance.inbox.models import MeetingAnswer
from relance.lib import clock
from relance.mail import identities, jobs, outbox, sources
from relance.mail.accounts import own_addresses
from relance.mail.models import Attachment, MailAccount, MessageCopy, Outgoing
from relance.mime import calendar
from relance.mime.calendar import Event, Invitation
from relance.mime.message import Address
from relance.mime.parse import part_content
from relance.users.models import User

_ANSWERABLE = ("request", "add")


class CannotAnswer(Exception):
    """`code`: "no_organiser", "not_invited", "cancelled", "may_not_send" or "no_invitation"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Meeting:
    """An invitation as its reader sees it. `answer` is hers, "" when she gave none; `is_stale`
    when she answered an older version of it; `me` is the address of hers that is invited."""

    invitation: Invitation
    answer: str
    is_stale: bool
    me: str
    cannot: str = ""

    @property
    def event(self) -> Event:
        return self.invitation.event

    @property
    def is_cancelled(self) -> bool:
        return self.invitation.method == "cancel" or self.event.is_cancelled


def is_calendar(attachment: Attachment) -> bool:
    name = attachment.filename.lower()
    kind = attachment.content_type.lower()
    return kind in ("text/calendar", "application/ics") or name.endswith(".ics")


def of_copy(viewer: User, copy: MessageCopy, attachments: Collection[Attachment]) -> Meeting | None:
    """The invitation in that mail, when it holds one that can be read."""
    found = _invitation(copy, attachments)
    if found is None:
        return None
    own = own_addresses(viewer.pk)
    me = next((a.address for a in found.event.attendees if a.address.lower() in own), "")
    given = MeetingAnswer.objects.filter(user=viewer, meeting=_key(found.event)).first()
    return Meeting(
        invitation=found,
        answer=given.answer if given else "",
        is_stale=given is not None and given.sequence < found.event.sequence,
        me=me,
        cannot=_cannot(viewer, found, me, own),
    )


def _invitation(copy: MessageCopy, attachments: Collection[Attachment]) -> Invitation | None:
    fitting = [a for a in attachments if is_calendar(a) and a.size <= calendar.MAX_BYTES]
    # A program's own part comes before the file some add for those who cannot read it.
    fitting.sort(key=lambda a: a.content_type.lower() != "text/calendar")
    if not fitting or copy.is_partial:
        return None
    try:
        return calendar.read(part_content(sources.source_of(copy), fitting[0].part))
    except (LookupError, KeyError):
        return None


def _cannot(viewer: User, found: Invitation, me: str, own: Collection[str]) -> str:
    organiser = found.event.organiser
    if found.method not in _ANSWERABLE:
        return "no_invitation"
    if found.event.is_cancelled:
        return "cancelled"
    if organiser is None or not organiser.address or organiser.address.lower() in own:
        return "no_organiser"
    if not me:
        return "not_invited"
    return "" if viewer.may_send else "may_not_send"


def answer(
    viewer: User,
    copy: MessageCopy,
    choice: str,
    *,
    subject: Callable[[Event], str],
    text: Callable[[Event], str],
) -> Outgoing:
    """Send that answer ("accepted", "tentative", "declined") to the organiser, and remember it.

    `subject` and `text` word the mail. Raises `CannotAnswer`, `outbox.NoRecipient`, and
    `identities.NoSender`.
    """
    attachments = list(Attachment.objects.filter(message=copy.message_id))
    meeting = of_copy(viewer, copy, attachments)
    if meeting is None or meeting.cannot:
        raise CannotAnswer(meeting.cannot if meeting else "no_invitation")
    event = meeting.event
    assert event.organiser is not None  # else it cannot be answered
    account = _account(viewer, copy)
    letter = outbox.Letter(
        subject=subject(event),
        text=text(event),
        to=[event.organiser],
        calendar=calendar.reply(
            event,
            Address(viewer.name, meeting.me),
            choice,
            at=clock.now(),
            language=viewer.language,
        ),
        calendar_method="REPLY",
    )
    with transaction.atomic():
        queued = outbox.queue_reply(account, viewer, copy=copy, letter=letter)
        MeetingAnswer.objects.update_or_create(
            user=viewer,
            meeting=_key(event),
            defaults={
                "answer": choice,
                "sequence": event.sequence,
                "outgoing": queued,
                "answered_at": clock.now(),
            },
        )
        jobs.deliver_later(queued.pk)
    return queued


def _account(viewer: User, copy: MessageCopy) -> MailAccount:
    """The mailbox it came to when that is hers, else the one she writes from (D52)."""
    if copy.account.owner_id == viewer.pk:
        return copy.account
    return identities.default_of(viewer).account


def _key(event: Event) -> str:
    date = event.recurrence_id.isoformat() if event.recurrence_id else ""
    return hashlib.sha256(f"{event.uid}\n{date}".encode("utf-8", "replace")).hexdigest()
