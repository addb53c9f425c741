"""The personal data of somebody erased for good (REG. EU 2016/679, 17); `dossier` tells them.

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
from relance.crm import dossier, history, people
from relance.crm.models import (
    Attendee,
    Case,
    CompanyAddress,
    Deal,
    ImportedRow,
    Person,
    PersonAddress,
)
from relance.crm.signals import announce
from relance.files import blobs
from relance.journal.models import Change, Entry
from relance.lib import clock
from relance.users.models import User

ERASED = "erased"
_HIDDEN = "…"  # where somebody's name was
_UNDOING = ("id", "keep", "drop", "lead", "contact")  # how entries name a person


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


@transaction.atomic
def erase(actor: User, person: Person, what: What) -> Mapping[str, int]:
    """Erase the personal data of that person for good. Returns how much of what went, as the line
    in the history says it too. Raises `NotAllowed`."""
    if not may_erase(actor):
        raise NotAllowed
    everybody = dossier.same_person(person)
    keys = [one.pk for one in everybody]
    affected = people.address_ids(*keys)
    names = _names(everybody)
    addresses = _erase_addresses(keys)
    counts = {"addresses": addresses, **_erase_activities(keys, what)}
    _forget(keys)
    _leave_out(everybody, names)
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
        rows = dossier.every(kind).filter(person__in=keys, deal=None, case=None)
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


def _names(everybody: list[Person]) -> list[str]:
    """How the history of other records may call them, the longest first."""
    rows = PersonAddress.objects.filter(person__in=everybody)
    texts = {one.name for one in everybody} | set(rows.values_list("address__address", flat=True))
    return sorted((text for text in texts if text), key=len, reverse=True)


def _leave_out(everybody: list[Person], names: list[str]) -> None:
    """The history of their deals, cases and accounts goes on without their names."""
    concerned = Q(entity="deal", record_id__in=_keys_of(Deal.objects.filter(people__in=everybody)))
    concerned |= Q(entity="case", record_id__in=_keys_of(Case.objects.filter(person__in=everybody)))
    companies = [one.company_id for one in everybody if one.company_id]
    concerned |= Q(entity="company", record_id__in=companies)
    for line in Change.objects.filter(concerned):
        changes = _without(line.changes, names)
        if changes != line.changes:
            Change.objects.filter(pk=line.pk).update(changes=changes)


def _keys_of(rows: Any) -> list[int]:
    return list(rows.values_list("pk", flat=True))


def _without(value: Any, names: list[str]) -> Any:
    if isinstance(value, dict):
        return {key: _without(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, names) for one in value]
    if isinstance(value, str):
        for name in names:
            value = value.replace(name, _HIDDEN)
    return value


def _blank(person: Person) -> None:
    photo = person.photo_id
    for name in dossier.TEXTS:
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
