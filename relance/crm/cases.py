"""Cases: numbered requests of customers, made, changed, settled (REC-05, D34)."""

from __future__ import annotations

import re
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Max, QuerySet
from django.utils.translation import gettext_lazy as _

from relance import journal
from relance.criteria.fields import Entity, Field, Kind
from relance.criteria.fields import register as register_fields
from relance.crm import history, modules
from relance.crm.activities import Subject, concerning
from relance.crm.models import Case
from relance.crm.modules import Module, Preset
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

OPEN = (Case.Status.NEW, Case.Status.ASSIGNED, Case.Status.PENDING)
STATUS, DELETED = "crm.case.status", "crm.case.delete"
_IN_SUBJECT = re.compile(r"\[#(\d{1,9})\]")
_TRIES = 5


def create(actor: User, case: Case) -> Case:
    """Save a new case under the next number. Without an owner it is the actor's; without an
    account, that of its contact or deal."""
    case.owner_id = case.owner_id or actor.pk
    case.created_by = actor
    _complete(case)
    for attempt in range(_TRIES):
        case.number = (Case.objects.aggregate(last=Max("number"))["last"] or 0) + 1
        try:
            with transaction.atomic():
                case.save()
        except IntegrityError:  # somebody took that number at the same moment
            if attempt == _TRIES - 1:
                raise
        else:
            break
    return case


@transaction.atomic
def edit(case: Case, *, actor: User | None = None) -> Case:
    """Save a changed case."""
    before = history.stored(case)
    _complete(case)
    _date(case)
    case.save()
    history.record(actor, "case", case, before, history.of(case))
    return case


@transaction.atomic
def set_status(actor: User, case: Case, status: str) -> Entry:
    """Say how it stands; the entry undoes it."""
    closed_at = case.closed_at.isoformat() if case.closed_at else None
    before = {"id": case.pk, "status": case.status, "closed_at": closed_at}
    _say(actor, case, status)
    _date(case)
    case.save(update_fields=["status", "closed_at"])
    return journal.record(actor, STATUS, {"name": str(case), "status": status}, before)


@transaction.atomic
def delete(actor: User, case: Case) -> Entry:
    """Delete softly; the entry undoes it. Its number is never given again."""
    case.deleted_at = clock.now()
    case.save(update_fields=["deleted_at"])
    history.note(actor, "case", case, history.DELETED)
    return journal.record(actor, DELETED, {"name": str(case)}, {"id": case.pk})


def of(found: QuerySet[Case], subject: Subject) -> QuerySet[Case]:
    """Those of `found` that concern the record; an account has those of its people and deals."""
    return found.filter(concerning(subject)).order_by(
        F("closed_at").desc(nulls_first=True), "-number"
    )


def number_in(subject: str) -> int | None:
    """The number of the case that a subject names: "Re: [#482] The light" gives 482."""
    found = _IN_SUBJECT.search(subject)
    return int(found[1]) if found else None


def _complete(case: Case) -> None:
    if case.company_id is None:
        for other in (case.deal, case.person):
            if other is not None and other.company_id:
                case.company = other.company
                return


def _date(case: Case) -> None:
    if case.is_open:
        case.closed_at = None
    elif case.closed_at is None:
        case.closed_at = clock.now()


def _say(actor: User | None, case: Case, status: str) -> None:
    history.record(actor, "case", case, {"status": case.status}, {"status": status})
    case.status = status


def _status_back(entry: Entry) -> None:
    case, closed_at = Case.objects.get(pk=entry.payload["id"]), entry.payload["closed_at"]
    _say(entry.user, case, entry.payload["status"])
    case.closed_at = datetime.fromisoformat(closed_at) if closed_at else None
    case.save(update_fields=["status", "closed_at"])


def _restore(entry: Entry) -> None:
    case = Case.objects.get(pk=entry.payload["id"])
    case.deleted_at = None
    case.save(update_fields=["deleted_at"])
    history.note(entry.user, "case", case, history.RESTORED)


def _owner(case: Case) -> int:
    return case.owner_id


FIELDS = (
    Field("Case", "number", _("number"), Kind.NUMBER, "number", path="number"),
    Field("Case", "name", _("subject"), Kind.TEXT, "name", path="name"),
    Field(
        *("Case", "status", _("status"), Kind.CHOICE, "status"),
        path="status",
        choices=lambda: Case.Status.choices,
    ),
    Field(
        *("Case", "priority", _("priority"), Kind.CHOICE, "priority"),
        path="priority",
        choices=lambda: Case.Priority.choices,
    ),
    Field("Case", "person", _("contact"), Kind.TEXT, "person.name", path="person__last_name"),
    Field("Case", "accountName", _("account"), Kind.TEXT, "company.name", path="company__name"),
    Field("Case", "dealName", _("deal"), Kind.TEXT, "deal.name", path="deal__name"),
    Field(
        *("Case", "owner", _("assigned to"), Kind.RECORD, "owner"),
        path="owner",
        values=_owner,
        target="User",
    ),
    Field("Case", "createdAt", _("created"), Kind.MOMENT, "created_at", path="created_at"),
    Field("Case", "modifiedAt", _("modified"), Kind.MOMENT, "updated_at", path="updated_at"),
)
_IS_OPEN = {"field": "status", "op": "in", "value": [status.value for status in OPEN]}
MODULE = Module(
    key="cases",
    entity="Case",
    model=Case,
    label=_("Case"),
    plural=_("Cases"),
    icon="case",
    columns=(
        "name",
        "number",
        "status",
        "priority",
        "person",
        "accountName",
        "owner",
        "modifiedAt",
    ),
    sort="-modifiedAt",
    url="cases:list",
    create_url="cases:create",
    presets=(
        Preset("open", _("Open cases"), {"all": [_IS_OPEN]}),
        Preset("mine", _("My open cases"), {"all": [{"field": "owner", "op": "me"}, _IS_OPEN]}),
        Preset("all", _("All cases"), {"all": []}),
    ),
)


def declare() -> None:
    """Make their fields, their list and how they are undone known; when the application starts."""
    register_fields(Entity("Case", _("Case"), rows=Case.objects.all), FIELDS)
    modules.register(MODULE)
    journal.register_undo(STATUS, _status_back)
    journal.register_undo(DELETED, _restore)
