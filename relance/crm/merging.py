"""Two records of one person made one."""

from __future__ import annotations

from django.db import transaction

from relance import journal
from relance.crm import activities, people
from relance.crm.models import DealContact, Person, PersonAddress
from relance.crm.signals import announce
from relance.journal.models import Entry
from relance.lib import clock
from relance.users.models import User

_FILLED = (
    "first_name",
    "title",
    "company_id",
    "company_name",
    "phone",
    "mobile",
    "city",
    "country",
    "time_zone",
    "source",
    "description",
)


@transaction.atomic
def merge(actor: User, keep: Person, drop: Person) -> Entry:
    """Give `keep` the addresses, deals and activities of `drop`, and what it lacks itself; delete
    `drop`.

    A contact wins over a lead. The entry undoes it. Raises ValueError for one and the same person.
    """
    if keep.pk == drop.pk:
        raise ValueError("a person is not merged with itself")
    payload = {
        "keep": keep.pk,
        "drop": drop.pk,
        "kind": keep.kind,
        "filled": _fill(keep, drop),
        "addresses": _unite_addresses(keep, drop),
        **_unite_deals(keep, drop),
        "activities": activities.move("person", drop.pk, keep.pk),
    }
    drop.deleted_at = clock.now()
    drop.save(update_fields=["deleted_at"])
    announce(people.address_ids(keep, drop), "merged")
    return journal.record(
        actor, "crm.person.merge", {"name": drop.name, "into": keep.name}, payload
    )


@transaction.atomic
def unmerge(entry: Entry) -> None:
    """Put both back as they were, as far as nobody changed them since."""
    payload = entry.payload
    keep = Person.objects.get(pk=payload["keep"])
    drop = Person.objects.get(pk=payload["drop"])
    affected = people.address_ids(keep, drop)
    activities.move_back("person", drop.pk, payload.get("activities", {}))
    for name, value in payload["filled"].items():
        if getattr(keep, name) == value:
            setattr(keep, name, None if name == "company_id" else "")
    keep.kind = payload["kind"]
    keep.save()
    keep.address_links.filter(address__in=payload["addresses"]).delete()
    DealContact.objects.filter(pk__in=payload["moved"], person=keep).update(person=drop)
    for deal_id, role in payload["given_up"]:
        DealContact.objects.get_or_create(deal_id=deal_id, person=drop, defaults={"role": role})
    drop.deleted_at = None
    drop.save(update_fields=["deleted_at"])
    announce(affected, "unmerged")


def _fill(keep: Person, drop: Person) -> dict[str, object]:
    """What `keep` lacked and `drop` had, by field."""
    filled = {
        name: getattr(drop, name)
        for name in _FILLED
        if getattr(drop, name) and not getattr(keep, name)
    }
    for name, value in filled.items():
        setattr(keep, name, value)
    if drop.kind == Person.Kind.CONTACT:
        keep.kind = drop.kind
    keep.save()
    return filled


def _unite_addresses(keep: Person, drop: Person) -> list[int]:
    """Link the addresses of `drop` to `keep` too (those of a deleted person count nowhere)."""
    own = set(people.address_ids(keep))
    new = [pk for pk in people.address_ids(drop) if pk not in own]
    PersonAddress.objects.bulk_create(
        [
            PersonAddress(person=keep, address_id=pk, is_primary=not own and n == 0)
            for n, pk in enumerate(new)
        ]
    )
    return new


def _unite_deals(keep: Person, drop: Person) -> dict[str, list[object]]:
    """Move the parts of `drop` to `keep`; where `keep` takes part already, that part stays."""
    taken = dict(keep.deal_roles.values_list("deal_id", "pk"))
    moved: list[object] = []
    given_up: list[object] = []
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
