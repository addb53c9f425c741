"""Which records a user may read. Every page and every floor above asks here.

Every active user reads all records that are not deleted; nobody else reads any.
"""

from __future__ import annotations

from typing import TypeVar

from django.db.models import QuerySet

from relance.crm.models import Company, Deal, Person
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


def records_for(user: User, model: type[R]) -> QuerySet[R]:
    """The records of that kind `user` may read."""
    return _readable(model._default_manager.all(), user)


def _readable(records: QuerySet[R], user: User) -> QuerySet[R]:
    return records.filter(deleted_at=None) if user.is_active else records.none()
