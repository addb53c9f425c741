"""A record's timeline: what changed in it, and the mails, calls, meetings, tasks, notes and files.

An account's holds that of its people and deals too, a person's the deals she takes part in. Each
source gives its newest lines before an instant; together they are put in order and cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from relance.crm import access, activities, history
from relance.crm.activities import Subject
from relance.crm.models import Call, Case, Company, Deal, Meeting, Person, Task
from relance.crm.models.records import Record
from relance.inbox import related
from relance.inbox.related import Asked, Concern, Mail
from relance.lib import clock, keys
from relance.lib.text import shorten
from relance.mail.models import Outgoing
from relance.users.models import User
from relance.web.components import delivery
from relance.web.components.activities import duration
from relance.web.history.wording import Words

LIMIT = 20
_MOST_DEALS = 500
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `css` is "in", "money", "time" or ""; a mail names its
    conversation and its copy."""

    at: datetime
    icon: str
    title: str
    detail: str = ""
    url: str = ""
    css: str = ""
    thread: int | None = None
    copy: int | None = None
    is_waiting: bool = False


@dataclass(slots=True)
class Page:
    """Some lines, the latest first; `next` is the instant the earlier ones are asked from."""

    lines: list[Line] = field(default_factory=list)
    next: str = ""


def timeline(
    viewer: User,
    entity: str,
    record: Record,
    *,
    before: datetime | None = None,
    limit: int = LIMIT,
) -> Page:
    """What happened to a record ("person", "company", "deal", "case") that `viewer` may read."""
    subject = Subject(entity, record)
    asked = _Asked(viewer, before, limit)
    concern = related.concern_of(record)
    mails, waiting = _mails(asked, concern)
    return _page([*_changes(asked, subject), *_activities(asked, subject), *mails], waiting, limit)


def mails_only(
    viewer: User, concern: Concern, *, before: datetime | None = None, limit: int = LIMIT
) -> Page:
    """The same of mails alone, for somebody who has no record."""
    return _page(*_mails(_Asked(viewer, before, limit), concern), limit)


@dataclass(frozen=True, slots=True)
class _Asked:
    viewer: User
    before: datetime | None
    limit: int

    def newest(self, rows: Any, field: str) -> list[Any]:
        """The newest rows by that field, one more than wanted."""
        rows = rows.filter(**{f"{field}__lt": self.before or clock.now()})
        return list(rows.order_by(f"-{field}", "-pk")[: self.limit + 1])


def _page(found: list[Line], waiting: list[Line], limit: int) -> Page:
    found.sort(key=lambda line: line.at, reverse=True)
    shown = found[:limit]
    more = shown[-1].at.isoformat() if len(found) > limit else ""
    return Page([*waiting, *shown], more)


def _changes(asked: _Asked, subject: Subject) -> Iterator[Line]:
    """What changed in it and in its deals, and when they were made."""
    record = subject.record
    deals = {deal.pk: deal for deal in _deals(asked.viewer, record)}
    records = {subject.field: [record.pk]}
    if not isinstance(record, Deal):
        records["deal"] = list(deals)
    words = Words()
    rows = history.lines(records, before=asked.before, limit=asked.limit + 1)
    for change in rows:
        is_own = (change.entity, change.record_id) == (subject.field, record.pk)
        about = None if is_own else deals[change.record_id]
        said = words.of(change, about)
        by = words.by(change.user)
        detail = " · ".join(part for part in (said.detail, by) if part)
        url = about.get_absolute_url() if about else ""
        yield Line(change.at, said.icon, said.title, detail, url, said.css)
    until = asked.before or clock.now()
    made: list[Any] = [record, *(deals.values() if not isinstance(record, Deal) else ())]
    for one in made:
        if one.created_at < until:
            yield _made(one, words, is_own=one is record)


def _made(record: Any, words: Words, *, is_own: bool) -> Line:
    icon, css, title = {
        Person: ("user", "", _("Contact added")),
        Company: ("building", "", _("Account added")),
        Deal: ("euro", "money", _("Deal opened")),
        Case: ("case", "", _("Case opened")),
    }[type(record)]
    if isinstance(record, Person) and record.kind == Person.Kind.LEAD:
        icon, title = "lead", _("Lead added")
    name = "" if is_own else record.name
    url = "" if is_own else record.get_absolute_url()
    detail = " · ".join(part for part in (name, words.by(record.created_by)) if part)
    return Line(record.created_at, icon, title, detail, url, css)


def _deals(viewer: User, record: Record) -> list[Deal]:
    rows = access.deals_for(viewer).select_related("created_by")
    if isinstance(record, Person):
        rows = rows.filter(contacts__person=record)
    elif isinstance(record, Company):
        rows = rows.filter(company=record)
    else:
        return []
    return list(rows.order_by("-pk")[:_MOST_DEALS])


def _activities(asked: _Asked, subject: Subject) -> Iterator[Line]:
    viewer = asked.viewer

    def of(rows: Any) -> Any:
        return activities.about(rows, subject)

    calls = of(access.calls_for(viewer)).exclude(status=Call.Status.PLANNED)
    for call in asked.newest(calls.select_related("owner"), "starts_at"):
        yield _call(call)
    meetings = of(access.meetings_for(viewer)).exclude(status=Meeting.Status.CANCELLED)
    for meeting in asked.newest(meetings, "starts_at"):
        url = meeting.get_absolute_url()
        yield Line(meeting.starts_at, "calendar", meeting.name, meeting.location, url)
    tasks = of(access.tasks_for(viewer)).filter(status=Task.Status.DONE)
    for task in asked.newest(tasks.select_related("owner"), "done_at"):
        title = _("Task done: %(name)s") % {"name": task.name}
        yield Line(task.done_at, "task", title, task.owner.name, task.get_absolute_url())
    for note in asked.newest(of(access.notes_for(viewer)).select_related("author"), "created_at"):
        title = _("Note of %(name)s") % {"name": note.author.name}
        yield Line(note.created_at, "note", title, shorten(note.text, _LONGEST))
    files = of(access.record_files_for(viewer)).select_related("added_by")
    for file in asked.newest(files, "created_at"):
        words = _("%(name)s added from a message") if file.mail_key else _("%(name)s added")
        by = file.added_by.name if file.added_by else ""
        url = reverse("record_files:download", args=[file.pk])
        yield Line(file.created_at, "file", words % {"name": file.name}, by, url)


def _call(call: Call) -> Line:
    is_in = call.direction == Call.Direction.IN
    name = call.owner.name
    words = _("Incoming call to %(name)s") if is_in else _("Outgoing call of %(name)s")
    title = words % {"name": name}
    if call.status == Call.Status.NOT_HELD:
        title = _("Call not made: %(name)s") % {"name": call.name}
    elif call.seconds:
        title = f"{title}, {duration(call.seconds)}"
    return Line(call.starts_at, "phone", title, call.result or call.name, call.get_absolute_url())


def _mails(asked: _Asked, concern: Concern) -> tuple[list[Line], list[Line]]:
    """The newest mails, and with the first ones those that have not left yet."""
    before = keys.smallest_key_at(asked.before) if asked.before else None
    limit = asked.limit + 1
    found = related.page(asked.viewer, concern, Asked(before=before, limit=limit))
    return [mail_line(mail) for mail in found.mails], [_leaving(mail) for mail in found.waiting]


def mail_line(mail: Mail) -> Line:
    """The line of one mail."""
    message, copy = mail.message, mail.copy
    address = message.from_address.address if message.from_address else ""
    name = {"name": message.from_name or address or _("Unknown sender")}
    return Line(
        mail.at,
        "send" if mail.is_outgoing else "mail",
        (_("%(name)s sent") if mail.is_outgoing else _("%(name)s wrote")) % name,
        message.subject or _("(no subject)"),
        f"{reverse('conversation:show', args=[copy.thread_id])}?open={copy.pk}",
        "" if mail.is_outgoing else "in",
        thread=copy.thread_id,
        copy=copy.pk,
    )


def _leaving(mail: Outgoing) -> Line:
    badges = " · ".join(str(badge.words) for badge in delivery.badges(mail))
    detail = " · ".join(part for part in (mail.subject or _("(no subject)"), badges) if part)
    return Line(
        mail.scheduled_at or mail.queued_at,
        "scheduled",
        _("%(name)s sends") % {"name": mail.author.name},
        detail,
        reverse("outgoing:show", args=[mail.pk]),
        "time",
        is_waiting=True,
    )
