"""The personal data of somebody: told in full, and erased for good (REG. EU 2016/679, 15 and 17).

What is erased cannot be brought back: the fields, addresses, numbers, photo, tags, custom fields,
the history and the journal's means of undoing, of the person, of the leads she was, and of records
that were merged into hers. Deals and what concerns them stay, with nobody's name. An address that
nobody else has is never written to again (`addresses.suppression`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Q

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import activities, custom_fields, history, people
from relance.crm.models import (
    Attendee,
    Case,
    CompanyAddress,
    ImportedRow,
    Person,
    PersonAddress,
    RecordFile,
    SalesDocument,
)
from relance.crm.signals import announce
from relance.files import blobs
from relance.journal.models import Change, Entry
from relance.lib import clock
from relance.users.models import User

ERASED = "erased"
_TEXTS = (
    *("first_name", "last_name", "title", "company_name", "phone", "mobile"),
    *("street", "postcode", "city", "country", "time_zone", "source", "description"),
)
_UNDOING = ("id", "keep", "drop", "lead", "contact")  # how entries name a person
_MERGES = ("crm.person.merge", "person.merge")


class NotAllowed(PermissionError):
    """Only administrators erase: nothing brings it back."""


@dataclass(frozen=True, slots=True)
class What:
    """What is erased beside the record itself: what was only about this person, and about no deal
    and no case."""

    notes: bool = True
    activities: bool = True
    files: bool = True


def may_erase(user: User) -> bool:
    """May this user erase anybody?"""
    return user.is_active and user.is_admin


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


@transaction.atomic
def erase(actor: User, person: Person, what: What) -> Mapping[str, int]:
    """Erase the personal data of that person for good. Returns how much of what went, as the line
    in the history says it too. Raises `NotAllowed`."""
    if not may_erase(actor):
        raise NotAllowed
    everybody = same_person(person)
    keys = [one.pk for one in everybody]
    affected = people.address_ids(*keys)
    addresses = _erase_addresses(keys)
    counts = {"addresses": addresses, **_erase_activities(keys, what)}
    _forget(keys)
    for one in everybody:
        _blank(one)
    history.note(actor, "person", person, ERASED, **{k: str(n) for k, n in counts.items() if n})
    announce(_still_there(affected), "person_erased")
    return counts


def erasures() -> models.QuerySet[Change]:
    """What was erased so far, the latest first."""
    return (
        Change.objects.filter(entity="person", verb=ERASED)
        .select_related("user")
        .order_by("-at", "-pk")
    )


def _erase_addresses(keys: list[int]) -> int:
    rows = list(EmailAddress.objects.filter(person_links__person__in=keys).distinct())
    PersonAddress.objects.filter(person__in=keys).delete()
    ids = [row.pk for row in rows]
    others = PersonAddress.objects.filter(address__in=ids, person__deleted_at=None)
    shared = {
        *others.values_list("address_id", flat=True),
        *CompanyAddress.objects.filter(address__in=ids).values_list("address_id", flat=True),
    }
    suppression.erase(row for row in rows if row.pk not in shared)
    return len(rows)


def _erase_activities(keys: list[int], what: What) -> dict[str, int]:
    wanted = {
        "task": what.activities,
        "call": what.activities,
        "meeting": what.activities,
        "note": what.notes,
        "file": what.files,
    }
    counts: dict[str, int] = {}
    for kind, is_wanted in wanted.items():
        if not is_wanted:
            continue
        rows = _every(kind).filter(person__in=keys, deal=None, case=None)
        held = list(rows.values_list("blob_id", flat=True)) if kind == "file" else []
        counts[f"{kind}s"] = rows.count()
        rows.delete()
        for blob in held:
            blobs.release(blob)
    Attendee.objects.filter(person__in=keys).update(address="")
    return counts


def _forget(keys: list[int]) -> None:
    """What the history and the journal remember of them, and what an import kept."""
    Change.objects.filter(entity="person", record_id__in=keys).delete()
    for key in keys:
        named = Q()
        for name in _UNDOING:
            named |= Q(**{f"payload__{name}": key})
        verbs = Q(verb__startswith="crm.person.") | Q(verb__startswith="person.")
        edits = Q(verb="crm.record.edit", payload__entity="person", payload__id=key)
        Entry.objects.filter((verbs | Q(verb="lead.convert")) & named | edits).delete()
    own = ImportedRow.objects.filter(run__entity__in=("leads", "contacts"), kind="")
    own.filter(record_id__in=keys).delete()


def _blank(person: Person) -> None:
    photo = person.photo_id
    for name in _TEXTS:
        setattr(person, name, "")
    person.company = person.photo = person.mail_key = None
    person.custom = {}
    person.erased_at = clock.now()
    person.deleted_at = person.deleted_at or person.erased_at
    person.phones.all().delete()
    person.tags.clear()
    person.save()
    if photo:
        blobs.release(photo)


def _still_there(ids: Iterable[int]) -> list[int]:
    return list(EmailAddress.objects.filter(pk__in=ids).values_list("pk", flat=True))


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
    return _every(kind).filter(person__in=everybody, deleted_at=None)


def _every(kind: str) -> Any:
    return activities.KINDS[kind]._default_manager.all()


def _changes(everybody: list[Person]) -> models.QuerySet[Change]:
    return Change.objects.filter(entity="person", record_id__in=[one.pk for one in everybody])


def _record(person: Person) -> dict[str, Any]:
    custom = {
        definition.label: _plain(custom_fields.value(person, definition))
        for definition in custom_fields.of(person)
    }
    return {
        "kind": person.kind,
        **{name: getattr(person, name) for name in _TEXTS},
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
