"""What a merge brings together, and what it changes in the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from relance.crm import access, activities
from relance.crm.activities import Subject
from relance.crm.models import Company, Deal, Person, PersonAddress, Stage
from relance.inbox.conversion import mail_keys
from relance.inbox.models import Placement, Stream
from relance.inbox.visibility import visible_accounts
from relance.users.models import User
from relance.web.shell.wording import number


@dataclass(frozen=True, slots=True)
class Sum:
    """How many of something either has, and how many the result has then; `same` are those both
    have."""

    label: str
    keep: int
    drop: int
    total: int

    @property
    def same(self) -> int:
        return self.keep + self.drop - self.total


def sums_of_people(viewer: User, keep: Person, drop: Person) -> list[Sum]:
    """Mails, deals, activities and files of both."""
    mine, others = mail_keys(viewer, keep), mail_keys(viewer, drop)
    deals = [
        set(access.deals_for(viewer).filter(contacts__person=p).values_list("pk", flat=True))
        for p in (keep, drop)
    ]
    return [
        Sum(_("E-mails"), len(mine), len(others), len(mine | others)),
        Sum(_("Deals"), len(deals[0]), len(deals[1]), len(deals[0] | deals[1])),
        *_activities(viewer, "person", keep, drop),
    ]


def sums_of_companies(viewer: User, keep: Company, drop: Company) -> list[Sum]:
    """People, deals, activities and files of both."""
    people = [access.people_for(viewer).filter(company=c).count() for c in (keep, drop)]
    deals = [access.deals_for(viewer).filter(company=c).count() for c in (keep, drop)]
    return [
        Sum(_("Contacts"), people[0], people[1], sum(people)),
        Sum(_("Deals"), deals[0], deals[1], sum(deals)),
        *_activities(viewer, "company", keep, drop),
    ]


def _activities(viewer: User, field: str, keep: Any, drop: Any) -> list[Sum]:
    done = [_count(viewer, field, record) for record in (keep, drop)]
    files = [
        activities.about(access.record_files_for(viewer), Subject(field, record)).count()
        for record in (keep, drop)
    ]
    return [
        Sum(_("Activities and notes"), done[0], done[1], sum(done)),
        Sum(_("Files"), files[0], files[1], sum(files)),
    ]


def _count(viewer: User, field: str, record: Any) -> int:
    subject = Subject(field, record)
    return (
        activities.about(access.tasks_for(viewer), subject).count()
        + activities.about(access.calls_for(viewer), subject).count()
        + activities.about(access.meetings_for(viewer), subject).count()
        + activities.about(access.notes_for(viewer), subject).count()
    )


def moving_to_potentials(viewer: User, keep: Person, drop: Person) -> str:
    """How many of the viewer's conversations change their column, in words; "" for none."""
    is_open = {"stage__kind": Stage.Kind.OPEN, "deleted_at": None}
    if not Deal.objects.filter(contacts__person__in=[keep, drop], **is_open).exists():
        return ""
    addresses = PersonAddress.objects.filter(person__in=[keep, drop]).values("address")
    count = Placement.objects.filter(
        account__in=visible_accounts(viewer).order_by().values("pk"),
        decided_by__in=addresses,
        stream__in=(Stream.PEOPLE, Stream.NOT_IN_CRM),
    ).count()
    if not count:
        return ""
    words = ngettext(
        "%(n)s conversation moves to Potentials", "%(n)s conversations move to Potentials", count
    )
    return words % {"n": number(count)}
