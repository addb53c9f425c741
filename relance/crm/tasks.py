"""Tasks: made, changed, done; and those of one user, in the order of their urgency."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from django.db import transaction
from django.db.models import F, Q, QuerySet

from relance import notices
from relance.crm import access, activities
from relance.crm.models import Task
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

#: The code of the notice that somebody else's task was given to one.
ASSIGNED = "task_assigned"
ACTIVE = (Task.Status.OPEN, Task.Status.STARTED)


@transaction.atomic
def create(actor: User, task: Task) -> Task:
    """Save a new task; whoever else is to do it is told. Without an owner it is the actor's."""
    if not task.owner_id:
        task.owner = actor
    task.created_by = actor
    activities.complete(task)
    _date(task)
    task.save()
    _tell(actor, task)
    return task


@transaction.atomic
def edit(actor: User, task: Task) -> Task:
    """Save a changed task; a new owner is told."""
    before = Task.objects.values_list("owner_id", flat=True).get(pk=task.pk)
    activities.complete(task)
    _date(task)
    task.save()
    if task.owner_id != before:
        _tell(actor, task)
    return task


def finish(actor: User, task: Task) -> Entry:
    """Say that it is done; the entry undoes it."""
    return activities.set_status(actor, task, Task.Status.DONE)


def reopen(actor: User, task: Task) -> Entry:
    """Say that it is still to be done."""
    return activities.set_status(actor, task, Task.Status.OPEN)


@dataclass(slots=True)
class Agenda:
    """Tasks by their urgency. Those of today that have an hour come by it."""

    late: list[Task] = field(default_factory=list)
    today: list[Task] = field(default_factory=list)
    coming: list[Task] = field(default_factory=list)
    undated: list[Task] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.late) + len(self.today) + len(self.coming) + len(self.undated)


def mine(user: User) -> QuerySet[Task]:
    """What `user` has to do, the most urgent first."""
    return by_urgency(access.tasks_for(user).filter(owner=user, status__in=ACTIVE))


def by_urgency(found: QuerySet[Task]) -> QuerySet[Task]:
    """By day, those with an hour first; what has no date comes last."""
    return found.order_by(
        F("due_on").asc(nulls_last=True), F("due_at").asc(nulls_last=True), "created_at", "pk"
    )


def late(found: QuerySet[Task], user: User) -> QuerySet[Task]:
    """Those whose hour or day is over, by `user`'s clock, and that are not done."""
    now = clock.now()
    today = now.astimezone(user.zone).date()
    return found.filter(Q(due_at__lt=now) | Q(due_at=None, due_on__lt=today), status__in=ACTIVE)


def is_late(task: Task, user: User) -> bool:
    """Is it overdue, by `user`'s clock?"""
    if task.is_done or task.due_on is None:
        return False
    now = clock.now()
    if task.due_at is not None:
        return task.due_at < now
    return task.due_on < now.astimezone(user.zone).date()


def agenda(user: User, *, most: int = 50) -> Agenda:
    """What `user` has to do, sorted into late, today, coming and undated."""
    found = Agenda()
    today = clock.now().astimezone(user.zone).date()
    for task in mine(user)[:most]:
        if is_late(task, user):
            found.late.append(task)
        elif task.due_on is None:
            found.undated.append(task)
        elif task.due_on <= today:
            found.today.append(task)
        else:
            found.coming.append(task)
    return found


def due(task: Task, user: User, hour: time | None) -> None:
    """Give it an hour on its day, by `user`'s clock; None takes the hour away."""
    task.due_at = None
    if task.due_on is not None and hour is not None:
        task.due_at = datetime.combine(task.due_on, hour, tzinfo=user.zone)


def _date(task: Task) -> None:
    if task.is_done and task.done_at is None:
        task.done_at = clock.now()
    elif not task.is_done:
        task.done_at = None


def _tell(actor: User, task: Task) -> None:
    if task.owner_id != actor.pk:
        notices.tell(
            task.owner_id,
            ASSIGNED,
            {"name": task.name, "by": actor.name},
            url=task.get_absolute_url(),
        )
