"""Meetings: made, changed, cancelled; who is invited; and what stands in one's calendar when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.db.models import Q, QuerySet

from relance import notices
from relance.addresses import book
from relance.crm import access, activities
from relance.crm.models import Attendee, Call, Meeting, Person, PersonAddress, Task
from relance.lib import clock
from relance.users.models import User

#: The code of the notice that one is a guest of a colleague's meeting.
INVITED = "meeting_invited"
#: How long a planned call stands in the calendar when nobody said.
CALL_LASTS = timedelta(minutes=30)
_ONE_DAY = timedelta(days=1)


@transaction.atomic
def create(actor: User, meeting: Meeting, *, guests: Iterable[str] = ()) -> Meeting:
    """Save a new meeting; `guests` are e-mail addresses. Without an owner it is the actor's."""
    if not meeting.owner_id:
        meeting.owner = actor
    meeting.created_by = actor
    meeting.uid = meeting.uid or f"{uuid4()}@relance"
    meeting.time_zone = meeting.time_zone or actor.time_zone
    activities.complete(meeting)
    meeting.save()
    set_guests(meeting, guests)
    return meeting


@transaction.atomic
def edit(meeting: Meeting, *, guests: Iterable[str] | None = None) -> Meeting:
    """Save a changed meeting. A new time or place is a new version of it (RFC 5545, 3.8.7.4),
    which whoever was invited has to answer again."""
    before = Meeting.objects.get(pk=meeting.pk)
    activities.complete(meeting)
    meeting.uid = meeting.uid or f"{uuid4()}@relance"
    if _told(before) != _told(meeting):
        meeting.sequence = before.sequence + 1
        meeting.attendees.update(answer=Attendee.Answer.NONE)
    meeting.save()
    if guests is not None:
        set_guests(meeting, guests)
    return meeting


def _told(meeting: Meeting) -> tuple[object, ...]:
    return (meeting.starts_at, meeting.ends_at, meeting.is_all_day, meeting.location)


@transaction.atomic
def set_guests(meeting: Meeting, guests: Iterable[str]) -> None:
    """Make these addresses the guests, each once; who was invited before keeps the answer.

    An address of a user is that user, who is told; one of a person of the CRM that person."""
    wanted = dict.fromkeys(a for text in guests if (a := book.normalise(text)))
    kept = {a.address: a for a in meeting.attendees.all()}
    meeting.attendees.exclude(address__in=wanted).delete()
    new = [address for address in wanted if address not in kept]
    users = {u.email.lower(): u for u in User.objects.filter(email__in=new, is_active=True)}
    people = _people_at(new)
    Attendee.objects.bulk_create(
        Attendee(
            meeting=meeting,
            address=address,
            user=users.get(address),
            person=None if address in users else people.get(address),
        )
        for address in new
    )
    for user in users.values():
        if user.pk != meeting.owner_id:
            params = {"name": meeting.name, "by": meeting.owner.name}
            notices.tell(user.pk, INVITED, params, url=meeting.get_absolute_url())


def _people_at(addresses: list[str]) -> dict[str, Person]:
    links = PersonAddress.objects.filter(
        address__address__in=addresses, person__deleted_at=None
    ).select_related("address", "person")
    return {link.address.address: link.person for link in links.order_by("-person_id")}


def zone_of(meeting: Meeting) -> ZoneInfo:
    """The zone it was planned in; its owner's when that one is no more."""
    try:
        return ZoneInfo(meeting.time_zone or meeting.owner.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return meeting.owner.zone


def days_of(meeting: Meeting) -> tuple[date, date]:
    """The first and the last day of an all-day meeting, wherever it is read."""
    zone = zone_of(meeting)
    first = meeting.starts_at.astimezone(zone).date()
    last = (meeting.ends_at.astimezone(zone) - timedelta(seconds=1)).date()
    return first, max(first, last)


def set_days(meeting: Meeting, first: date, last: date) -> None:
    """Make it last from the beginning of `first` to the end of `last`, in its own zone."""
    zone = zone_of(meeting)
    meeting.is_all_day = True
    meeting.starts_at = datetime.combine(first, time.min, tzinfo=zone)
    meeting.ends_at = datetime.combine(last + _ONE_DAY, time.min, tzinfo=zone)


def calendar_of(user: User) -> QuerySet[Meeting]:
    """The meetings that stand in that user's calendar: her own and those she is invited to, but
    for what is cancelled and what she declined."""
    invited = Attendee.objects.filter(user=user).exclude(answer=Attendee.Answer.DECLINED)
    found = access.meetings_for(user).exclude(status=Meeting.Status.CANCELLED)
    return found.filter(Q(owner=user) | Q(pk__in=invited.values("meeting")))


@dataclass(frozen=True, slots=True)
class Slot:
    """What stands in a calendar: `kind` is "meeting", "call" or "task". Times are aware, in the
    reader's zone; an all-day one has the days `first` to `last` alone."""

    kind: str
    record: Meeting | Call | Task
    starts: datetime
    ends: datetime
    is_all_day: bool
    first: date
    last: date


def slots(user: User, first: date, last: date) -> list[Slot]:
    """Everything in `user`'s calendar from `first` to `last`, by beginning: meetings, calls that
    were not called off, and tasks that have an hour."""
    begins = datetime.combine(first, time.min, tzinfo=user.zone)
    ends = datetime.combine(last + _ONE_DAY, time.min, tzinfo=user.zone)
    found = [
        *_meetings(user, begins, ends),
        *_calls(user, begins, ends),
        *_tasks(user, begins, ends),
    ]
    within = [s for s in found if s.first <= last and s.last >= first]
    return sorted(within, key=lambda s: (s.first, not s.is_all_day, s.starts, s.record.pk))


def _meetings(user: User, begins: datetime, ends: datetime) -> list[Slot]:
    # an all-day meeting keeps its days in every zone: look a day further on both sides
    rows = calendar_of(user).filter(starts_at__lt=ends + _ONE_DAY, ends_at__gt=begins - _ONE_DAY)
    rows = rows.select_related("owner", "person")
    found = [_of_meeting(meeting, user) for meeting in rows]
    return [s for s in found if s.is_all_day or (s.starts < ends and s.ends > begins)]


def _of_meeting(meeting: Meeting, user: User) -> Slot:
    if meeting.is_all_day:
        first, last = days_of(meeting)
        at = datetime.combine(first, time.min, tzinfo=user.zone)
        return Slot("meeting", meeting, at, at + _ONE_DAY, True, first, last)
    return _timed("meeting", meeting, meeting.starts_at, meeting.ends_at, user)


def _calls(user: User, begins: datetime, ends: datetime) -> list[Slot]:
    rows = access.calls_for(user).filter(owner=user, starts_at__gte=begins, starts_at__lt=ends)
    rows = rows.exclude(status=Call.Status.NOT_HELD).select_related("person")
    return [_timed("call", c, c.starts_at, c.starts_at + _lasts(c), user) for c in rows]


def _lasts(call: Call) -> timedelta:
    return timedelta(seconds=call.seconds) if call.seconds else CALL_LASTS


def _tasks(user: User, begins: datetime, ends: datetime) -> list[Slot]:
    rows = access.tasks_for(user).filter(owner=user, due_at__gte=begins, due_at__lt=ends)
    rows = rows.exclude(status__in=(Task.Status.DONE, Task.Status.CANCELLED))
    return [
        _timed("task", t, t.due_at, t.due_at + CALL_LASTS, user)
        for t in rows.select_related("person")
        if t.due_at
    ]


def _timed(
    kind: str, record: Meeting | Call | Task, starts: datetime, ends: datetime, user: User
) -> Slot:
    starts, ends = starts.astimezone(user.zone), ends.astimezone(user.zone)
    last = max(starts, ends - timedelta(seconds=1)).date()
    return Slot(kind, record, starts, ends, False, starts.date(), last)


def upcoming(found: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Those that are not over, the next one first."""
    return found.filter(ends_at__gte=clock.now()).order_by("starts_at", "pk")
