"""The history of records: who changed which fields, from what to what (`journal.Change`).

Every process that changes a record writes here, in its transaction. Making a record needs no line:
the record itself says who made it and when. What a field said is kept as a text that does not
depend on the reader's language: codes, ISO dates, "48000.00 EUR"; `web.history` words it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from relance.crm.models import Case, Company, Deal, Person
from relance.crm.models.records import Record
from relance.journal.models import Change
from relance.users.models import User

#: What `journal.Change.entity` says, by kind of record.
ENTITIES: Mapping[type[Record], str] = {
    Person: "person",
    Company: "company",
    Deal: "deal",
    Case: "case",
}
EDITED, DELETED, RESTORED = "edited", "deleted", "restored"
CUSTOM = "custom."
_PLACE = ("street", "postcode", "city", "country")
_COMMON = ("owner", "team", "description")
_FIELDS: Mapping[type[Record], tuple[str, ...]] = {
    Person: (
        *("kind", "first_name", "last_name", "title", "company", "phone", "mobile"),
        *(*_PLACE, "time_zone", "status", "source", *_COMMON),
    ),
    Company: (
        *("name", "domain", "website", "phone", *_PLACE),
        *(f"shipping_{name}" for name in _PLACE),
        *("industry", "tax_number", *_COMMON),
    ),
    Deal: ("name", "amount", "stage", "closes_on", "lost_reason", "company", *_COMMON),
    Case: ("name", "status", "priority", "person", "company", "deal", *_COMMON),
}
_LONGEST = 500  # characters of one text
_AT_ONCE = 500


def of(record: Record) -> dict[str, str]:
    """What the record says now: field to text, and `custom.<key>` for the administrator's own.

    It asks the database only for the records it refers to, where they are not at hand.
    """
    said = {name: _text(record, name) for name in _fields(record)}
    said |= {f"{CUSTOM}{key}": _plain(value) for key, value in record.custom.items()}
    return said


def stored(record: Record) -> dict[str, str]:
    """What the database says of it, before it is saved. One query."""
    model = type(record)
    foreign = [n for n in _fields(record) if model._meta.get_field(n).is_relation]
    return of(model._default_manager.select_related(*foreign).get(pk=record.pk))


def record(
    user: User | None,
    entity: str,
    record: Record,
    before: Mapping[str, str],
    after: Mapping[str, str],
) -> Change | None:
    """Write what differs, in the transaction of the change; None when nothing does."""
    changes = differences(before, after)
    if not changes:
        return None
    return Change.objects.create(
        user=user, entity=entity, record_id=record.pk, verb=EDITED, changes=changes
    )


def record_many(
    user: User | None,
    entity: str,
    changed: Mapping[int, tuple[Mapping[str, str], Mapping[str, str]]],
) -> None:
    """The same for many records of one kind, by key."""
    rows = [
        Change(user=user, entity=entity, record_id=key, verb=EDITED, changes=changes)
        for key, (before, after) in changed.items()
        if (changes := differences(before, after))
    ]
    Change.objects.bulk_create(rows, batch_size=_AT_ONCE)


def note(user: User | None, entity: str, record: Record | int, verb: str, **params: str) -> Change:
    """Write an act that is no change of fields: "deleted", "restored", "merged" …

    `params` word it: `name` is the other record's.
    """
    key = record if isinstance(record, int) else record.pk
    return Change.objects.create(
        user=user, entity=entity, record_id=key, verb=verb, changes=dict(params)
    )


def note_many(user: User | None, entity: str, keys: Iterable[int], verb: str) -> None:
    """The same for many records of one kind."""
    rows = [Change(user=user, entity=entity, record_id=key, verb=verb, changes={}) for key in keys]
    Change.objects.bulk_create(rows, batch_size=_AT_ONCE)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, list[str]]:
    """Field to [before, after], where they differ."""
    names = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name, ""), after.get(name, "")) for name in names}
    return {name: [was, now] for name, (was, now) in pairs.items() if was != now}


def lines(
    records: Mapping[str, Collection[int]], *, before: datetime | None = None, limit: int = 30
) -> list[Change]:
    """What happened to these records (keys by entity), the latest first; before an instant."""
    concerned = Q(pk__in=())
    for entity, keys in records.items():
        concerned |= Q(entity=entity, record_id__in=list(keys))
    found = Change.objects.filter(concerned).select_related("user").order_by("-at", "-pk")
    if before is not None:
        found = found.filter(at__lt=before)
    return list(found[:limit])


def in_stage_since(deal: Deal) -> datetime:
    """When the deal came to the stage it is in."""
    moves = Change.objects.filter(entity="deal", record_id=deal.pk, changes__has_key="stage")
    return moves.order_by("-at").values_list("at", flat=True).first() or deal.created_at


def _fields(record: Record) -> tuple[str, ...]:
    return _FIELDS[type(record)]


def _text(record: Any, name: str) -> str:
    if name == "amount":
        return "" if record.amount is None else f"{record.amount:.2f} {record.currency}"
    if name == "stage":
        return str(record.stage.name)
    if name == "company" and isinstance(record, Person):
        return record.organisation_name
    return _plain(getattr(record, name))


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, User | Record):
        return str(getattr(value, "name", "") or value)[:_LONGEST]
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list | tuple):
        return ", ".join(_plain(one) for one in value)[:_LONGEST]
    return str(value)[:_LONGEST]
