"""What points at a record, carried over when that record becomes another: a conversion, a merge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models

from relance.crm import activities
from relance.crm.models import Case, Deal, DealContact, Person, PersonPhone, SalesDocument
from relance.crm.models.records import Record

Moved = dict[str, list[int]]

_OTHERS: Mapping[str, tuple[tuple[str, type[models.Model], str], ...]] = {
    "person": (
        ("case", Case, "person"),
        ("document", SalesDocument, "person"),
        ("phone", PersonPhone, "person"),
        ("lead", Person, "converted_into"),
    ),
    "company": (
        ("case", Case, "company"),
        ("document", SalesDocument, "company"),
        ("employee", Person, "company"),
        ("bought", Deal, "company"),
    ),
}


def move(field: str, old: int, new: int) -> Moved:
    """Make what points at one "person" or "company" point at another. Returns the keys of what
    moved, by kind, for `move_back`."""
    moved = activities.move(field, old, new)
    for kind, model, column in _OTHERS[field]:
        rows = model._default_manager.filter(**{column: old})
        if kind == "lead":
            rows = rows.exclude(pk=new)  # nobody was converted into herself
        if keys := list(rows.values_list("pk", flat=True)):
            model._default_manager.filter(pk__in=keys).update(**{column: new})
            moved[kind] = keys
    return moved


def move_back(field: str, old: int, new: int, moved: Mapping[str, list[int]]) -> None:
    """Undo `move`; what points elsewhere by now stays there."""
    activities.move_back(field, old, moved)
    for kind, model, column in _OTHERS[field]:
        rows = model._default_manager.filter(pk__in=moved.get(kind, ()), **{column: new})
        rows.update(**{column: old})


def put_on_deal(person: int, deal: int) -> Moved:
    """Make the activities of a person that concern no deal concern this one."""
    placed: Moved = {}
    for kind, model in activities.KINDS.items():
        rows = model._default_manager.filter(person=person, deal=None)
        if keys := list(rows.values_list("pk", flat=True)):
            rows.update(deal=deal)
            placed[kind] = keys
    return placed


def take_off_deal(deal: int, placed: Mapping[str, list[int]]) -> None:
    """Undo `put_on_deal`."""
    for kind, model in activities.KINDS.items():
        rows = model._default_manager.filter(pk__in=placed.get(kind, ()), deal=deal)
        rows.update(deal=None)


def unite_parts(keep: Person, drop: Person) -> dict[str, list[Any]]:
    """Move the parts of `drop` in deals to `keep`; where `keep` takes part already, that part
    stays. Returns what `divide_parts` needs."""
    taken = dict(keep.deal_roles.values_list("deal_id", "pk"))
    moved: list[Any] = []
    given_up: list[Any] = []
    for part in drop.deal_roles.all():
        if part.deal_id not in taken:
            DealContact.objects.filter(pk=part.pk).update(person=keep)
            moved.append(part.pk)
            continue
        given_up.append([part.deal_id, part.role])
        part.delete()
        if part.is_primary:
            DealContact.objects.filter(pk=taken[part.deal_id]).update(is_primary=True)
    return {"moved": moved, "given_up": given_up}


def divide_parts(keep: Person, drop: Person, united: Mapping[str, Any]) -> None:
    """Undo `unite_parts`."""
    DealContact.objects.filter(pk__in=united["moved"], person=keep).update(person=drop)
    for deal_id, role in united["given_up"]:
        DealContact.objects.get_or_create(deal_id=deal_id, person=drop, defaults={"role": role})


def unite_tags(keep: Record, drop: Record) -> list[int]:
    """Give `keep` the tags of `drop`. Returns the keys of those that are new to it."""
    own = set(keep.tags.values_list("pk", flat=True))
    new = sorted(set(drop.tags.values_list("pk", flat=True)) - own)
    keep.tags.add(*new)
    return new
