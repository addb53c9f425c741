"""Which records a user may read. Every page and every floor above asks here.

Every active user reads all records that are not deleted; nobody else reads any.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q, QuerySet

from relance.crm.models import (
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
from relance.crm.models.records import Record
from relance.users.models import User

R = TypeVar("R", bound=Record)


def people_for(user: User) -> QuerySet[Person]:
    """The leads and contacts `user` may read."""
    return _readable(Person.objects.all(), user)


def companies_for(user: User) -> QuerySet[Company]:
    """The accounts `user` may read."""
    return _readable(Company.objects.all(), user)


def deals_for(user: User) -> QuerySet[Deal]:
    """The deals `user` may read."""
    return _readable(Deal.objects.all(), user)


def cases_for(user: User) -> QuerySet[Case]:
    """The cases `user` may read."""
    return _readable(Case.objects.all(), user)


def tasks_for(user: User) -> QuerySet[Task]:
    """The tasks `user` may read."""
    return _readable(Task.objects.all(), user)


def calls_for(user: User) -> QuerySet[Call]:
    """The calls `user` may read."""
    return _readable(Call.objects.all(), user)


def meetings_for(user: User) -> QuerySet[Meeting]:
    """The meetings `user` may read."""
    return _readable(Meeting.objects.all(), user)


def notes_for(user: User) -> QuerySet[Note]:
    """The notes `user` may read: those on a record she may read."""
    found = Note.objects.filter(_on_a_record(), deleted_at=None)
    return found if user.is_active else found.none()


def record_files_for(user: User) -> QuerySet[RecordFile]:
    """The files of records `user` may read, without regard to the mail they came with."""
    found = RecordFile.objects.filter(_on_a_record(), deleted_at=None)
    return found if user.is_active else found.none()


def _on_a_record() -> Q:
    """Is it about a record that is not deleted?"""
    query = Q()
    for name in ("person", "company", "deal", "case"):
        query |= Q(**{f"{name}__isnull": False, f"{name}__deleted_at": None})
    return query


def records_for(user: User, model: type[R]) -> QuerySet[R]:
    """The records of that kind `user` may read."""
    return _readable(model._default_manager.all(), user)


def _readable(records: QuerySet[R], user: User) -> QuerySet[R]:
    return records.filter(deleted_at=None) if user.is_active else records.none()
