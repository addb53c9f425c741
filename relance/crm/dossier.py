"""Everything the CRM holds of one person, ready to be written down (REG. EU 2016/679, 15)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from relance.addresses import suppression
from relance.crm import activities, custom_fields
from relance.crm.models import (
    Attendee,
    Case,
    Person,
    PersonAddress,
    RecordFile,
    SalesDocument,
)
from relance.journal.models import Change, Entry

_MERGES = ("crm.person.merge", "person.merge")
#: The fields of a person that hold texts.
TEXTS = (
    *("first_name", "last_name", "title", "company_name", "phone", "mobile"),
    *("street", "postcode", "city", "country", "time_zone", "source", "description"),
)


def data_of(person: Person) -> dict[str, Any]:
    """Everything the CRM holds of that person, ready to be written as JSON: texts, numbers, lists.

    Keys are English words; days and instants are ISO 8601.
    """
    everybody = same_person(person)
    return {
        "records": [_record(one) for one in everybody],
        "deals": [_part(part) for one in everybody for part in _parts(one)],
        "cases": _rows(Case.objects.filter(person__in=everybody, deleted_at=None), _CASE),
        **{
            name: _rows(_about(kind, everybody), names)
            for name, kind, names in (
                ("tasks", "task", _TASK),
                ("calls", "call", _CALL),
                ("events", "meeting", _MEETING),
                ("notes", "note", _NOTE),
                ("files", "file", _FILE),
            )
        },
        "invitations": _invitations(everybody),
        "sales_documents": _rows(
            SalesDocument.objects.filter(person__in=everybody, deleted_at=None), _DOCUMENT
        ),
        "history": _rows(_changes(everybody).order_by("at"), _CHANGE),
    }


def files_of(person: Person) -> list[RecordFile]:
    """The files on that person's record."""
    rows: Any = _about("file", same_person(person))
    return list(rows.order_by("pk"))


def same_person(person: Person) -> list[Person]:
    """That record, the leads it was, and those merged into it, deleted ones too."""
    found = {person.pk: person}
    waiting = [person.pk]
    while waiting:
        key = waiting.pop()
        merged = Entry.objects.filter(verb__in=_MERGES, payload__keep=key, undone_at=None)
        drops = [entry.payload["drop"] for entry in merged]
        for other in Person.objects.filter(Q(converted_into=key) | Q(pk__in=drops)):
            if other.pk not in found:
                found[other.pk] = other
                waiting.append(other.pk)
    return list(found.values())


_CASE = ("number", "name", "status", "description", "created_at")
_TASK = ("name", "due_on", "due_at", "status", "description", "created_at")
_CALL = ("name", "direction", "status", "starts_at", "phone", "result", "description")
_MEETING = ("name", "starts_at", "ends_at", "location", "status", "description")
_NOTE = ("text", "author__email", "created_at")
_FILE = ("name", "content_type", "created_at")
_DOCUMENT = ("kind", "number", "name", "status", "issued_on", "total", "currency")
_CHANGE = ("at", "verb", "changes")


def _rows(found: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{n: _plain(v) for n, v in row.items()} for row in found.values(*names)]


def _about(kind: str, everybody: list[Person]) -> Any:
    return every(kind).filter(person__in=everybody, deleted_at=None)


def every(kind: str) -> Any:
    """All activities of that kind, deleted ones too."""
    return activities.KINDS[kind]._default_manager.all()


def _changes(everybody: list[Person]) -> models.QuerySet[Change]:
    return Change.objects.filter(entity="person", record_id__in=[one.pk for one in everybody])


def _record(person: Person) -> dict[str, Any]:
    custom = {
        custom_fields.label_of(definition): _plain(custom_fields.value(person, definition))
        for definition in custom_fields.of(person)
    }
    return {
        "kind": person.kind,
        **{name: getattr(person, name) for name in TEXTS},
        "account": person.company.name if person.company else "",
        "status": person.status,
        "owner": person.owner.email,
        "tags": list(person.tags.values_list("name", flat=True)),
        "phones": list(person.phones.values("kind", "number")),
        "addresses": [_address(link) for link in person.address_links.select_related("address")],
        "custom": custom,
        "has_photo": person.photo_id is not None,
        "added_at": _plain(person.created_at),
        "changed_at": _plain(person.updated_at),
    }


def _address(link: PersonAddress) -> dict[str, Any]:
    reason = suppression.verdict_of(link.address)
    return {
        "address": link.address.address,
        "is_primary": link.is_primary,
        "not_written_to_because": reason.code if reason else "",
    }


def _parts(person: Person) -> Any:
    return person.deal_roles.filter(deal__deleted_at=None).select_related("deal__stage")


def _part(part: Any) -> dict[str, Any]:
    deal = part.deal
    return {
        "name": deal.name,
        "stage": deal.stage.label,
        "closes_on": _plain(deal.closes_on),
        "role": part.role,
        "is_primary": part.is_primary,
    }


def _invitations(everybody: list[Person]) -> list[dict[str, Any]]:
    rows = Attendee.objects.filter(person__in=everybody, meeting__deleted_at=None)
    return _rows(rows, ("meeting__name", "meeting__starts_at", "address", "answer"))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | bool | dict | list):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
