"""Our own meetings told to their guests by mail, and what the guests answer.

The meeting's owner is the organiser the mails name, under the address she writes from; answers come
back there and are written beside the guests. Others may change a meeting, but do not invite to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from relance.crm import meetings
from relance.crm.models import Attendee, Meeting
from relance.inbox.meetings import is_calendar
from relance.lib import clock
from relance.mail import identities, jobs, outbox, sources
from relance.mail.models import Attachment, MailAccount, Message, MessageCopy, Outgoing
from relance.mime import calendar
from relance.mime.calendar import Event, Invitation
from relance.mime.message import Address
from relance.mime.parse import part_content
from relance.users.models import User

_DESCRIPTION_MOST = 20_000


class CannotInvite(Exception):
    """`code`: "nothing" (they know already, or there is nobody), "not_hers", "may_not_send" or
    "no_mailbox"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class News:
    """What the guests do not know yet: `kind` is "invite", "change" or "cancel"; and to whom."""

    kind: str
    guests: tuple[Attendee, ...]


Words = Callable[[News, Meeting], tuple[str, str]]
"""The subject and the text of the mail."""


def news_of(meeting: Meeting) -> News | None:
    """What there is to tell the guests of a meeting; None when they know."""
    guests = tuple(meeting.attendees.select_related("person", "user").order_by("pk"))
    told = tuple(g for g in guests if g.is_told)
    was_off = meeting.told_status == Meeting.Status.CANCELLED
    if meeting.status == Meeting.Status.CANCELLED:
        return News("cancel", told) if told and not was_off else None
    if meeting.status != Meeting.Status.PLANNED or meeting.ends_at < clock.now():
        return None
    is_newer = meeting.told_sequence is not None and meeting.told_sequence < meeting.sequence
    if told and (is_newer or was_off):
        return News("change", guests)
    untold = tuple(g for g in guests if not g.is_told)
    return News("invite", untold) if untold else None


def may_invite(viewer: User, meeting: Meeting) -> str:
    """Why `viewer` cannot send invitations to it (a code of `CannotInvite`); "" when she can."""
    if meeting.owner_id != viewer.pk:
        return "not_hers"
    if not viewer.may_send:
        return "may_not_send"
    return "" if identities.senders_for(viewer) else "no_mailbox"


@transaction.atomic
def tell(viewer: User, meeting: Meeting, words: Words) -> Outgoing:
    """Send the guests what they do not know. Raises `CannotInvite` and `outbox.NoRecipient`."""
    if reason := may_invite(viewer, meeting):
        raise CannotInvite(reason)
    account = identities.default_of(viewer).account
    news = news_of(meeting)
    to = _addresses(news, account) if news else []
    if news is None or not to:
        raise CannotInvite("nothing")
    if news.kind == "cancel" or meeting.told_status == Meeting.Status.CANCELLED:
        meeting.sequence += 1  # so that it is newer than what they have (RFC 5546, 2.1.4)
    organiser = Address(viewer.name, account.address)
    letter = _letter(meeting, news, to, organiser=organiser, words=words)
    outgoing = outbox.queue(account, viewer, letter)
    meeting.told_sequence, meeting.told_status = meeting.sequence, meeting.status
    meeting.save(update_fields=["sequence", "told_sequence", "told_status"])
    Attendee.objects.filter(pk__in=[g.pk for g in news.guests]).update(is_told=True)
    jobs.deliver_later(outgoing.pk)
    return outgoing


def _letter(
    meeting: Meeting, news: News, to: list[Address], *, organiser: Address, words: Words
) -> outbox.Letter:
    subject, text = words(news, meeting)
    is_off = news.kind == "cancel"
    write = calendar.cancel if is_off else calendar.request
    return outbox.Letter(
        subject=subject,
        text=text,
        to=to,
        calendar=write(event_of(meeting, organiser), at=clock.now()),
        calendar_method="CANCEL" if is_off else "REQUEST",
    )


def event_of(meeting: Meeting, organiser: Address) -> Event:
    """The meeting as calendars exchange it."""
    first, last = meetings.days_of(meeting)
    guests = meeting.attendees.select_related("person", "user").order_by("pk")
    return Event(
        uid=meeting.uid,
        sequence=meeting.sequence,
        summary=meeting.name,
        location=meeting.location,
        description=meeting.description[:_DESCRIPTION_MOST],
        starts=first if meeting.is_all_day else meeting.starts_at,
        ends=last if meeting.is_all_day else meeting.ends_at,
        is_all_day=meeting.is_all_day,
        is_cancelled=meeting.status == Meeting.Status.CANCELLED,
        organiser=organiser,
        attendees=tuple(
            calendar.Attendee(_name(g), g.address, "" if g.answer == "none" else g.answer)
            for g in guests
        ),
        recurrence=None,
        recurrence_id=None,
    )


def _addresses(news: News, account: MailAccount) -> list[Address]:
    return [
        Address(_name(guest), guest.address)
        for guest in news.guests
        if guest.address and guest.address != account.address.lower()
    ]


def _name(guest: Attendee) -> str:
    if guest.person is not None:
        return guest.person.name
    return guest.user.name if guest.user is not None else ""


def settle(copies: Sequence[MessageCopy]) -> int:
    """Write down what guests answered in mails that came; returns how many answers. One counts
    when it comes from the guest's own address, to the meeting's owner, about its last version."""
    ids = [c.message_id for c in copies if c.message_id and not c.is_outgoing and not c.is_partial]
    found = [a for a in Attachment.objects.filter(message__in=ids) if is_calendar(a)]
    by_message = {c.message_id: c for c in copies}
    return sum(_settle(by_message[a.message_id], a) for a in found)


def _settle(copy: MessageCopy, attachment: Attachment) -> bool:
    answer = _reply_in(copy, attachment)
    message = copy.message
    if answer is None or message is None or message.from_address is None:
        return False
    if message.authentication == Message.Authentication.FAIL:
        return False
    sender = message.from_address.address
    said = next((a for a in answer.event.attendees if a.address.lower() == sender), None)
    if said is None or said.answer not in Attendee.Answer.values:
        return False
    guests = Attendee.objects.filter(
        address=sender,
        meeting__uid=answer.event.uid,
        meeting__owner=copy.account.owner_id,
        meeting__deleted_at=None,
        meeting__sequence__lte=answer.event.sequence,
    )
    return bool(guests.update(answer=said.answer))


def _reply_in(copy: MessageCopy, attachment: Attachment) -> Invitation | None:
    if attachment.size > calendar.MAX_BYTES:
        return None
    try:
        found = calendar.read(part_content(sources.source_of(copy), attachment.part))
    except (LookupError, KeyError):
        return None
    return found if found and found.method == "reply" and found.event.uid else None
