"""Two records of one person, or of one account, made one (REC-26, D36).

The survivor has what both had: addresses, numbers, tags, activities, parts in deals. Of fields that
hold one value it keeps its own, unless the other's is chosen, and takes what it lacks. What says
that an address must not be written to belongs to the address: it is kept if either had it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from relance import journal
from relance.crm import activities, custom_fields, history, people, phones, references
from relance.crm.models import Company, CompanyAddress, Deal, Person, PersonAddress
from relance.crm.signals import announce
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

#: What is chosen together, and the fields it stands for.
PERSON_ROWS: Mapping[str, tuple[str, ...]] = {
    "name": ("first_name", "last_name"),
    "title": ("title",),
    "company": ("company_id", "company_name"),
    "phone": ("phone",),
    "mobile": ("mobile",),
    "place": ("street", "postcode", "city", "country"),
    "time_zone": ("time_zone",),
    "source": ("source",),
    "owner": ("owner_id",),
    "team": ("team_id",),
    "photo": ("photo_id",),
    "description": ("description",),
}
COMPANY_ROWS: Mapping[str, tuple[str, ...]] = {
    "name": ("name",),
    "domain": ("domain",),
    "website": ("website",),
    "phone": ("phone",),
    "place": ("street", "postcode", "city", "country"),
    "delivery": ("shipping_street", "shipping_postcode", "shipping_city", "shipping_country"),
    "industry": ("industry",),
    "tax_number": ("tax_number",),
    "owner": ("owner_id",),
    "team": ("team_id",),
    "description": ("description",),
}
_AT_ONCE = 500


class Gone(LookupError):
    """One of the two was deleted, merged or converted meanwhile."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the survivor takes of the other: `taken` are rows such as "name", or "custom.<key>";
    `left` are keys of addresses that it shall not have."""

    taken: frozenset[str] = frozenset()
    left: frozenset[int] = frozenset()


@transaction.atomic
def merge(actor: User, keep: Person, drop: Person) -> Entry:
    """`unite`, with an entry that undoes it."""
    payload = unite(actor, keep, drop)
    return journal.record(
        actor, "crm.person.merge", {"name": drop.name, "into": keep.name}, payload
    )


@transaction.atomic
def unite(actor: User, keep: Person, drop: Person, choice: Choice | None = None) -> dict[str, Any]:
    """Give `keep` what `drop` has, as chosen, and delete `drop`; returns what `divide` needs.

    A contact wins over a lead. Raises ValueError for one and the same person, and `Gone`.
    """
    if keep.pk == drop.pk:
        raise ValueError("a person is not merged with itself")
    _hold(Person.objects.filter(converted_at=None), keep, drop)
    choice = choice or Choice()
    affected, said = people.address_ids(keep, drop), history.stored(keep)
    numbers = [keep.phone, keep.mobile, drop.phone, drop.mobile]
    payload = {
        "keep": keep.pk,
        "drop": drop.pk,
        "kind": keep.kind,
        "status": keep.status,
        **_fill_person(keep, drop, choice),
        "tags": references.unite_tags(keep, drop),
        **_unite_addresses(keep, drop, choice),
        **references.unite_parts(keep, drop),
        "references": references.move("person", drop.pk, keep.pk),
        "numbers": phones.add_missing(keep, numbers),
    }
    drop.deleted_at = clock.now()
    drop.save(update_fields=["deleted_at"])
    history.note(actor, "person", keep, "merged", name=drop.name)
    history.record(actor, "person", keep, said, history.of(keep))
    announce(affected, "merged")
    return payload


def unmerge(entry: Entry) -> None:
    """Undo `merge`."""
    divide(entry.payload)


@transaction.atomic
def divide(payload: Mapping[str, Any]) -> None:
    """Put both people back as they were, as far as nobody changed them since."""
    keep = Person.objects.get(pk=payload["keep"])
    drop = Person.objects.get(pk=payload["drop"])
    affected = people.address_ids(keep, drop)
    activities.move_back("person", drop.pk, payload.get("activities", {}))
    references.move_back("person", drop.pk, keep.pk, payload.get("references", {}))
    _put_back(keep, payload)
    keep.kind, keep.status = payload["kind"], payload.get("status", keep.status)
    keep.save()
    keep.tags.remove(*payload.get("tags", ()))
    keep.phones.filter(pk__in=payload.get("numbers", ())).delete()
    keep.address_links.filter(address__in=payload["addresses"]).delete()
    _link_again(keep, payload.get("left", ()))
    references.divide_parts(keep, drop, payload)
    drop.deleted_at = None
    drop.save(update_fields=["deleted_at"])
    announce({*affected, *people.address_ids(keep, drop)}, "unmerged")


@transaction.atomic
def unite_companies(
    actor: User, keep: Company, drop: Company, choice: Choice | None = None
) -> dict[str, Any]:
    """The same for two accounts; the people and deals of both are the survivor's."""
    if keep.pk == drop.pk:
        raise ValueError("an account is not merged with itself")
    _hold(Company.objects.all(), keep, drop)
    choice, said = choice or Choice(), history.stored(keep)
    payload = {
        "keep": keep.pk,
        "drop": drop.pk,
        **_fill(keep, drop, COMPANY_ROWS, choice),
        "tags": references.unite_tags(keep, drop),
        "addresses": _unite_own_addresses(keep, drop),
        "references": references.move("company", drop.pk, keep.pk),
    }
    keep.save()
    drop.deleted_at = clock.now()
    drop.save(update_fields=["deleted_at"])
    history.note(actor, "company", keep, "merged", name=drop.name)
    history.record(actor, "company", keep, said, history.of(keep))
    _index_again(payload["references"])
    return payload


@transaction.atomic
def divide_companies(payload: Mapping[str, Any]) -> None:
    """Put both accounts back as they were, as far as nobody changed them since."""
    keep = Company.objects.get(pk=payload["keep"])
    drop = Company.objects.get(pk=payload["drop"])
    references.move_back("company", drop.pk, keep.pk, payload["references"])
    _put_back(keep, payload)
    keep.save()
    keep.tags.remove(*payload["tags"])
    moved = CompanyAddress.objects.filter(pk__in=payload["addresses"], company=keep)
    moved.update(company=drop)
    drop.deleted_at = None
    drop.save(update_fields=["deleted_at"])
    _index_again(payload["references"])


def proposed(
    keep: Person | Company, drop: Person | Company, rows: Mapping[str, tuple[str, ...]]
) -> frozenset[str]:
    """The rows whose value comes from `drop` when nothing is chosen: those `keep` lacks."""
    return frozenset(row for row, names in rows.items() if _lacks(keep, drop, row, names))


def _hold(rows: QuerySet[Any], *both: Person | Company) -> None:
    """Of several who merge them at once, one does."""
    keys = [record.pk for record in both]
    there = rows.select_for_update().filter(pk__in=keys, deleted_at=None).order_by("pk")
    if len(there.values_list("pk", flat=True)) != len(keys):
        raise Gone(keys)


def _lacks(keep: Person | Company, drop: Person | Company, row: str, names: Sequence[str]) -> bool:
    if row == "company" and getattr(drop, "company_id", None):
        return not getattr(keep, "company_id", None)  # an account is more than its name in words
    return not any(getattr(keep, n) for n in names) and any(getattr(drop, n) for n in names)


def _fill_person(keep: Person, drop: Person, choice: Choice) -> dict[str, Any]:
    filled = _fill(keep, drop, PERSON_ROWS, choice)
    if not keep.first_name and drop.first_name and "name" not in choice.taken:
        filled["filled"]["first_name"], filled["before"]["first_name"] = drop.first_name, ""
        keep.first_name = drop.first_name
    if drop.kind == Person.Kind.CONTACT and keep.kind != drop.kind:
        keep.kind, keep.status = drop.kind, ""
    keep.save()
    return filled


def _fill(
    keep: Person | Company,
    drop: Person | Company,
    rows: Mapping[str, tuple[str, ...]],
    choice: Choice,
) -> dict[str, Any]:
    """Set what `keep` lacks, or is to take; by field what it says now, and what it said before."""
    filled: dict[str, Any] = {}
    before: dict[str, Any] = {}
    for row in (choice.taken & rows.keys()) | proposed(keep, drop, rows):
        for name in rows[row]:
            value, own = getattr(drop, name), getattr(keep, name)
            if value != own:
                filled[name], before[name] = value, own
                setattr(keep, name, value)
    was = dict(keep.custom)
    custom_fields.carry_over(drop, keep)
    taken = {row.removeprefix("custom.") for row in choice.taken if row.startswith("custom.")}
    keep.custom = {**keep.custom, **{k: v for k, v in drop.custom.items() if k in taken}}
    return {"filled": filled, "before": before, "custom": [was, keep.custom]}


def _put_back(keep: Person | Company, payload: Mapping[str, Any]) -> None:
    before = payload.get("before", {})
    for name, value in payload["filled"].items():
        if getattr(keep, name) == value:
            setattr(keep, name, before.get(name, None if name == "company_id" else ""))
    was, became = payload.get("custom", ({}, None))
    if keep.custom == became:
        keep.custom = was


def _unite_addresses(keep: Person, drop: Person, choice: Choice) -> dict[str, Any]:
    """Link the addresses of `drop` to `keep` too (those of a deleted person count nowhere), and
    take from it those that are to be left out."""
    left = list(
        keep.address_links.filter(address__in=choice.left).values_list("address_id", "is_primary")
    )
    keep.address_links.filter(address__in=choice.left).delete()
    own = set(people.address_ids(keep)) | {pk for pk, _ in left}
    new = [pk for pk in people.address_ids(drop) if pk not in own and pk not in choice.left]
    PersonAddress.objects.bulk_create([PersonAddress(person=keep, address_id=pk) for pk in new])
    links = keep.address_links
    if not links.filter(is_primary=True).exists() and (first := links.first()):
        links.filter(pk=first.pk).update(is_primary=True)
    return {"addresses": new, "left": left}


def _link_again(keep: Person, left: Sequence[Sequence[Any]]) -> None:
    if any(is_primary for _, is_primary in left):
        keep.address_links.update(is_primary=False)
    PersonAddress.objects.bulk_create(
        [PersonAddress(person=keep, address_id=pk, is_primary=primary) for pk, primary in left],
        ignore_conflicts=True,
    )


def _unite_own_addresses(keep: Company, drop: Company) -> list[int]:
    own = set(keep.address_links.values_list("address_id", flat=True))
    rows = drop.address_links.exclude(address__in=own)
    moved = list(rows.values_list("pk", flat=True))
    rows.update(company=keep, is_primary=False)
    return moved


def _index_again(moved: Mapping[str, Sequence[int]]) -> None:
    """People and deals are found by the name of their account."""
    found: Any
    for model, kind in ((Person, "employee"), (Deal, "bought")):
        keys = moved.get(kind, ())
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            found = model._default_manager.filter(pk__in=part)
            records = list(found.select_related("company"))
            for record in records:
                record.search_text = record.indexed_text()
            found.bulk_update(records, ["search_text"])
