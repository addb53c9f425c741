"""Activities as lines of a card: what is to be done, was said, or takes place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm import meetings, tasks
from relance.crm.models import Call, Meeting, Task
from relance.users.models import User
from relance.web.shell import wording


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task with the words for its date; `owner` is named when it is somebody else's."""

    task: Task
    when: str
    is_late: bool
    owner: str


def task_line(task: Task, viewer: User) -> TaskLine:
    """The line of one task."""
    mine = task.owner_id == viewer.pk
    is_done = task.status == Task.Status.DONE and task.done_at
    when = day_words(timezone.localdate(task.done_at)) if is_done else due_words(task)
    return TaskLine(task, when, tasks.is_late(task, viewer), "" if mine else task.owner.name)


def due_words(task: Task) -> str:
    """ "14:00" today, "yesterday", "tomorrow", "27 Nov"; "" without a date."""
    if task.due_on is None:
        return ""
    today = timezone.localdate()
    if task.due_at is not None:
        at = timezone.localtime(task.due_at)
        hour = f"{at:%H:%M}"
        return hour if at.date() == today else f"{day_words(at.date())}, {hour}"
    return day_words(task.due_on)


def day_words(on: date) -> str:
    """ "yesterday", "today", "tomorrow", or the date."""
    away = (on - timezone.localdate()).days
    near = {-1: _("yesterday"), 0: _("today"), 1: _("tomorrow")}
    return near.get(away) or wording.Calendar.current().day(on)


@dataclass(frozen=True, slots=True)
class EventLine:
    """A call or a meeting: its icon, title, and a line of detail."""

    record: Call | Meeting
    icon: str
    title: str
    detail: str
    is_over: bool


def call_line(call: Call) -> EventLine:
    """ "Outgoing call, 12 min" once it was made, its subject while it is planned."""
    at = timezone.localtime(call.starts_at)
    is_planned = call.status == Call.Status.PLANNED
    hour = f", {at:%H:%M}" if is_planned else ""
    parts = [day_words(at.date()) + hour, call.result, str(_status_words(call))]
    return EventLine(call, "phone", call.name, " · ".join(p for p in parts if p), not is_planned)


def _status_words(call: Call) -> str:
    if call.status == Call.Status.NOT_HELD:
        return str(call.get_status_display())
    direction = str(call.get_direction_display())
    if call.status == Call.Status.HELD and call.seconds:
        return f"{direction}, {duration(call.seconds)}"
    return direction


def duration(seconds: int) -> str:
    """ "12 min", "1 h 05", "40 s"."""
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s") % {"hours": minutes // 60, "minutes": f"{minutes % 60:02}"}


def meeting_line(meeting: Meeting) -> EventLine:
    """Its name, and when it is."""
    parts = [when_words(meeting), meeting.location]
    if meeting.status == Meeting.Status.CANCELLED:
        parts.append(str(meeting.get_status_display()))
    is_over = meeting.ends_at < timezone.now() or meeting.status != Meeting.Status.PLANNED
    return EventLine(meeting, "calendar", meeting.name, " · ".join(p for p in parts if p), is_over)


def when_words(meeting: Meeting) -> str:
    """ "Thu 26 Nov, 06:00 to 07:30", "26 Nov to 28 Nov" for whole days."""
    calendar = wording.Calendar.current()
    if meeting.is_all_day:
        first, last = meetings.days_of(meeting)
        if first == last:
            return calendar.day(first)
        return _("%(first)s to %(last)s") % {
            "first": calendar.day(first),
            "last": calendar.day(last),
        }
    starts, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
    first_day = f"{calendar.days[starts.weekday()]} {calendar.day(starts.date())}"
    last_day = "" if starts.date() == ends.date() else f"{calendar.day(ends.date())} "
    return _("%(day)s, %(start)s to %(end)s") % {
        "day": first_day,
        "start": f"{starts:%H:%M}",
        "end": f"{last_day}{ends:%H:%M}",
    }
