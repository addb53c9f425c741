"""What tasks, calls, meetings, notes and files have in common: the records they are about.

An activity shows on the page of every record it is about, and on that of the account those belong
to. Whoever may read a record reads what was done about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F, Q, QuerySet

from relance import journal
from relance.crm import access
from relance.crm.models import (
    Attendee,
    Call,
    Case,
    Company,
    Deal,
    Meeting,
    Note,
    Person,
    RecordFile,
    Task,
)
from relance.crm.models.activities import About
from relance.crm.models.records import Record
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

A = TypeVar("A", bound=About)

#: What an activity may be about, by the name of its field.
SUBJECTS: Mapping[str, type[Record]] = {
    "person": Person,
    "company": Company,
    "deal": Deal,
    "case": Case,
}
_MOST_KEYS = 500  # named one by one in a condition
_ALSO = {"lead": "person", "contact": "person", "account": "company", "opportunity": "deal"}
KINDS: Mapping[str, type[About]] = {
    "task": Task,
    "call": Call,
    "meeting": Meeting,
    "note": Note,
    "file": RecordFile,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A record that activities may be about; `field` is "person", "company", "deal" or "case"."""

    field: str
    record: Record


def subject(user: User, entity: str, key: int) -> Subject | None:
    """The record so named ("person", "Account", "deal" …), when `user` may read it."""
    name = entity.casefold()
    field = _ALSO.get(name, name)
    model = SUBJECTS.get(field)
    if model is None:
        return None
    record = access.records_for(user, model).filter(pk=key).first()
    return Subject(field, record) if record else None


def about(found: QuerySet[A], subject: Subject) -> QuerySet[A]:
    """Those of `found` that concern the record; an account has those of its people and deals."""
    return found.filter(concerning(subject))


def concerning(subject: Subject) -> Q:
    """What makes an activity or a case the record's.

    For an account its people and deals are looked up first, once: each part of the condition then
    has an index of its own, while one over joined tables would read a whole table. "Not something"
    keeps SQLite from reading all rows without an account by the index on that column.
    """
    record = subject.record
    query = Q(**{subject.field: record.pk})
    if not isinstance(record, Company):
        return query
    for name, rows in (("person", record.people), ("deal", record.deals)):
        kept = f"_{name}_keys"
        if kept not in record.__dict__:
            record.__dict__[kept] = list(rows.values_list("pk", flat=True)[: _MOST_KEYS + 1])
        keys = record.__dict__[kept]
        some = (
            Q(**{f"{name}__in": keys})
            if len(keys) <= _MOST_KEYS
            else Q(**{f"{name}__company": record})
        )
        query |= ~Q(company__isnull=False) & some
    return query


def complete(activity: About) -> None:
    """Add the account of its person, deal or case, so that it shows there too."""
    if activity.company_id is None:
        for other in (activity.deal, activity.case, activity.person):
            if other is not None and other.company_id:
                activity.company = other.company
                return


@dataclass(frozen=True, slots=True)
class Next:
    """What comes next with somebody: `kind` is "task", "call" or "meeting"; a task may have a day
    and no hour (`at` None), or neither."""

    kind: str
    record: Task | Call | Meeting
    on: date | None
    at: datetime | None
    is_late: bool = False


def next_for(user: User, person: Person) -> Next | None:
    """The first thing to do or to attend with `person`: what is late comes before what is planned,
    a task without a date last."""
    found = [*_next_task(user, person), *_next_call(user, person), *_next_meeting(user, person)]
    return min(found, key=_order, default=None)


def _order(one: Next) -> tuple[bool, date, datetime]:
    return (one.on is None, one.on or date.max, one.at or clock.LATEST)


def _next_task(user: User, person: Person) -> list[Next]:
    rows = access.tasks_for(user).filter(
        person=person, status__in=(Task.Status.OPEN, Task.Status.STARTED)
    )
    task = rows.order_by(F("due_on").asc(nulls_last=True), "due_at", "pk").first()
    if task is None:
        return []
    now = clock.now()
    today = now.astimezone(user.zone).date()
    late = task.due_at < now if task.due_at else bool(task.due_on and task.due_on < today)
    return [Next("task", task, task.due_on, task.due_at, late)]


def _next_call(user: User, person: Person) -> list[Next]:
    rows = access.calls_for(user).filter(
        person=person, status=Call.Status.PLANNED, starts_at__gte=clock.now()
    )
    call = rows.order_by("starts_at").first()
    return [_timed("call", call, user)] if call else []


def _next_meeting(user: User, person: Person) -> list[Next]:
    rows = access.meetings_for(user).filter(
        Q(person=person) | Q(pk__in=_invited(person)),
        status=Meeting.Status.PLANNED,
        ends_at__gte=clock.now(),
    )
    meeting = rows.order_by("starts_at").first()
    return [_timed("meeting", meeting, user)] if meeting else []


def _invited(person: Person) -> QuerySet[Meeting, int]:
    return Meeting.objects.filter(attendees__person=person).values_list("pk", flat=True)


def _timed(kind: str, record: Call | Meeting, user: User) -> Next:
    return Next(kind, record, record.starts_at.astimezone(user.zone).date(), record.starts_at)


@transaction.atomic
def delete(actor: User, activity: About) -> Entry:
    """Delete an activity softly; the entry undoes it."""
    _set_deleted(activity, clock.now())
    params = {"name": str(activity), "kind": kind_of(activity)}
    return journal.record(
        actor, "crm.activity.delete", params, {"kind": kind_of(activity), "id": activity.pk}
    )


def kind_of(activity: About) -> str:
    """ "task", "call", "meeting", "note" or "file"."""
    return next(kind for kind, model in KINDS.items() if isinstance(activity, model))


def restore(entry: Entry) -> None:
    """Undo `delete`."""
    _set_deleted(_recorded(entry), None)


@transaction.atomic
def set_status(actor: User, activity: Task | Call | Meeting, status: str) -> Entry:
    """Say how it stands ("done", "held" …); the entry undoes it."""
    before = activity.status
    done_at = activity.done_at if isinstance(activity, Task) else None
    put_status(activity, status)
    return journal.record(
        actor,
        "crm.activity.status",
        {"name": activity.name, "kind": kind_of(activity), "status": status},
        {
            "kind": kind_of(activity),
            "id": activity.pk,
            "status": before,
            "done_at": done_at.isoformat() if done_at else None,
        },
    )


def put_status(activity: Task | Call | Meeting, status: str) -> None:
    """Save that status; a task that is over is dated."""
    activity.status = status
    if isinstance(activity, Task):
        activity.done_at = clock.now() if activity.is_done else None
        activity.save(update_fields=["status", "done_at"])
    else:
        activity.save(update_fields=["status"])


def status_back(entry: Entry) -> None:
    """Undo `set_status`."""
    activity = _recorded(entry)
    assert isinstance(activity, Task | Call | Meeting)
    activity.status = entry.payload["status"]
    fields = ["status"]
    if isinstance(activity, Task):
        done_at = entry.payload["done_at"]
        activity.done_at = datetime.fromisoformat(done_at) if done_at else None
        fields.append("done_at")
    activity.save(update_fields=fields)


def _recorded(entry: Entry) -> About:
    model = KINDS[entry.payload["kind"]]
    return model._default_manager.get(pk=entry.payload["id"])


def _set_deleted(activity: About, at: datetime | None) -> None:
    """Every kind has that field, though not from the class they share."""
    setattr(activity, "deleted_at", at)  # noqa: B010
    fields = ["deleted_at"]
    activity.save(update_fields=fields)


def move(field: str, old: int, new: int) -> dict[str, list[int]]:
    """Make what is about one record ("person", "company", "deal" or "case") be about another: they
    are merged. Returns the keys of what moved, by kind, for `move_back`."""
    moved: dict[str, list[int]] = {}
    for kind, model in _moving(field):
        rows = model._default_manager.filter(**{field: old})
        if keys := list(rows.values_list("pk", flat=True)):
            rows.filter(pk__in=keys).update(**{field: new})
            moved[kind] = keys
    return moved


def move_back(field: str, old: int, moved: Mapping[str, list[int]]) -> None:
    """Undo `move`."""
    for kind, model in _moving(field):
        rows = model._default_manager.filter(pk__in=moved.get(kind, ()))
        rows.update(**{field: old})


def _moving(field: str) -> list[tuple[str, type[models.Model]]]:
    guests: list[tuple[str, type[models.Model]]] = [("guest", Attendee)]
    return [*KINDS.items(), *(guests if field == "person" else [])]
