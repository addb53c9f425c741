"""People: made, edited, converted, deleted. Their addresses decide where their mail stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.db import transaction

from relance import journal
from relance.addresses.models import EmailAddress
from relance.crm import addressing, companies, history
from relance.crm.addressing import NotAnAddress
from relance.crm.duplicates import Duplicate, find_duplicates
from relance.crm.models import Person, PersonAddress
from relance.crm.signals import announce
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

__all__ = [
    "Duplicate",
    "NotAnAddress",
    "Person",
    "ReadOnly",
    "address_ids",
    "convert",
    "create_person",
    "delete",
    "edit",
    "find_duplicates",
    "restore",
    "set_addresses",
]


class ReadOnly(Exception):
    """A lead that was converted is history: nobody changes it."""


@transaction.atomic
def create_person(actor: User, person: Person, *, addresses: Sequence[str] = ()) -> Person:
    """Save a new person; the first of `addresses` becomes the primary one.

    `person` is unsaved; without an owner it is the actor's. Raises `NotAnAddress`.
    """
    if not person.owner_id:
        person.owner = actor
    person.created_by = actor
    person.save()
    _link(person, addressing.rows_of(addresses))
    announce(address_ids(person), "person_created")
    return person


@transaction.atomic
def edit(
    person: Person, *, actor: User | None = None, addresses: Sequence[str] | None = None
) -> Person:
    """Save a changed person; `addresses`, when given, replaces the list (first one primary).

    Raises `NotAnAddress`, and `ReadOnly` for a converted lead.
    """
    if person.is_converted:
        raise ReadOnly(person.pk)
    before = history.stored(person)
    person.save()
    after = history.of(person)
    history.record(actor, "person", person, before, after)
    if addresses is not None:
        set_addresses(person, addresses, actor=actor)
    if before["kind"] != after["kind"] or _is_over(before) != _is_over(after):
        announce(address_ids(person), "kind_changed")
    return person


@transaction.atomic
def set_addresses(
    person: Person, addresses: Sequence[str], *, primary: str = "", actor: User | None = None
) -> None:
    """Make `addresses` the person's; `primary` (the first one when empty) is where mail goes.

    The mail of an address that is left out leaves the person, and comes back with the address.
    Raises `NotAnAddress`.
    """
    rows = addressing.rows_of([primary, *addresses] if primary else addresses)
    had = {link.address_id: link.address for link in person.address_links.select_related("address")}
    _link(person, rows)
    before = {"addresses": addressing.listed(had.values())}
    history.record(actor, "person", person, before, {"addresses": addressing.listed(rows)})
    announce(set(had) ^ {row.pk for row in rows}, "addresses_changed")


@transaction.atomic
def convert(actor: User, person: Person, kind: str) -> Person:
    """Make a contact of a lead, or a lead of a contact; its mail, addresses and deals stay.

    The company a lead had in words becomes an account, the existing one of that name first.
    Raises `ReadOnly` for a lead that was converted.
    """
    if person.kind == kind:
        return person
    if person.is_converted:
        raise ReadOnly(person.pk)
    before = history.of(person)
    person.kind = kind
    if kind == Person.Kind.CONTACT:
        person.status = ""
        if person.company is None and person.company_name:
            person.company = companies.named(actor, person.company_name)
            person.company_name = ""
    else:
        person.status = Person.Status.NEW
    person.save()
    history.record(actor, "person", person, before, history.of(person))
    announce(address_ids(person), "kind_changed")
    return person


@transaction.atomic
def delete(actor: User, person: Person) -> Entry:
    """Delete a person softly; the entry undoes it."""
    person.deleted_at = clock.now()
    person.save(update_fields=["deleted_at"])
    history.note(actor, "person", person, history.DELETED)
    announce(address_ids(person), "person_deleted")
    return journal.record(
        actor, "crm.person.delete", {"name": person.name, "kind": person.kind}, {"id": person.pk}
    )


@transaction.atomic
def restore(person: Person, *, actor: User | None = None) -> None:
    """Bring a deleted person back, with its addresses and its part in deals."""
    person.deleted_at = None
    person.save(update_fields=["deleted_at"])
    history.note(actor, "person", person, history.RESTORED)
    announce(address_ids(person), "person_restored")


def address_ids(*people: Person | int) -> list[int]:
    """The keys of all addresses of these people."""
    links = PersonAddress.objects.filter(person__in=people)
    return list(links.values_list("address_id", flat=True))


def _is_over(said: Mapping[str, str]) -> bool:
    """Is it a lead that was converted elsewhere? Such a one never matches mail."""
    return said["kind"] == Person.Kind.LEAD and said["status"] == Person.Status.CONVERTED


def _link(person: Person, rows: Collection[EmailAddress]) -> None:
    """Make the links exactly `rows`, the first one primary."""
    links = {link.address_id: link for link in person.address_links.all()}
    wanted = [row.pk for row in rows]
    person.address_links.exclude(address__in=wanted).delete()
    person.address_links.update(is_primary=False)
    PersonAddress.objects.bulk_create(
        [PersonAddress(person=person, address_id=pk) for pk in wanted if pk not in links]
    )
    person.address_links.filter(address__in=wanted[:1]).update(is_primary=True)
    getattr(person, "_prefetched_objects_cache", {}).pop("address_links", None)
