"""A user's calendar for other programs, under an address only she knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

from relance.crm import meetings
from relance.crm.meetings import Slot
from relance.crm.models import CalendarFeed, Call, Meeting, Task
from relance.lib import clock, signing
from relance.mime import calendar
from relance.mime.calendar import Event
from relance.users.models import User

_BEFORE, _AFTER = timedelta(days=90), timedelta(days=366)
Address = Callable[[Meeting | Call | Task], str]
"""The web address of a record, with its host."""


def open_for(user: User) -> str:
    """Make the secret of her feed's address. One she had before works no more."""
    token = signing.new_token()
    defaults = {"token_digest": signing.token_digest(token), "created_at": clock.now()}
    CalendarFeed.objects.update_or_create(user=user, defaults=defaults)
    return token


def close_for(user: User) -> None:
    """There is no feed any more."""
    CalendarFeed.objects.filter(user=user).delete()


def reader_of(token: str) -> User | None:
    """Whose feed that secret opens; nobody's when it is another, or its user has left."""
    digest = signing.token_digest(token)
    found = CalendarFeed.objects.filter(token_digest=digest, user__is_active=True)
    feed = found.select_related("user").first()
    return feed.user if feed else None


def text_of(user: User, *, address: Address) -> bytes:
    """Her calendar as iCalendar: three months back and a year ahead."""
    today = clock.now().astimezone(user.zone).date()
    slots = meetings.slots(user, today - _BEFORE, today + _AFTER)
    return calendar.feed(_events(slots, address), name=f"Relance · {user.name}", at=clock.now())


def _events(slots: list[Slot], address: Address) -> Iterator[Event]:
    for slot in slots:
        record = slot.record
        meeting = record if isinstance(record, Meeting) else None
        yield Event(
            uid=(meeting and meeting.uid) or f"{slot.kind}-{record.pk}@relance",
            sequence=meeting.sequence if meeting else 0,
            summary=record.name,
            location=meeting.location if meeting else "",
            description=record.description,
            starts=slot.first if slot.is_all_day else slot.starts,
            ends=slot.last if slot.is_all_day else slot.ends,
            is_all_day=slot.is_all_day,
            is_cancelled=False,
            organiser=None,
            attendees=(),
            recurrence=None,
            recurrence_id=None,
            link=address(record),
        )
