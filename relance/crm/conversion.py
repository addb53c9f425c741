"""A lead becomes a contact, with an account and a deal where wanted (REC-25, D2, D35).

The lead stays as history that nobody changes; its addresses, activities and parts in deals go to
the contact, what concerned no deal also to the new deal. What says that an address must not be
written to belongs to the address, and moves with it.

    lead ──convert──▶ lead, converted (read only) + contact [+ account] [+ deal]
         ◀──take_back──
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from relance.crm import companies, custom_fields, deals, history, people, phones, references
from relance.crm.models import Company, Deal, Person, PersonAddress
from relance.crm.signals import announce
from relance.lib import clock
from relance.users.models import User

_CARRIED = (
    "first_name",
    "last_name",
    "title",
    "phone",
    "mobile",
    "street",
    "postcode",
    "city",
    "country",
    "time_zone",
    "source",
    "description",
    "photo_id",
    "team_id",
    "mail_key",
)
_BLANK = {"company_id", "photo_id", "team_id", "mail_key"}  # null when nothing is set


class NotALead(Exception):
    """It is none, or was converted already."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the lead is to become. `contact` is unsaved, or a contact there is already; `company`
    likewise, or None; `deal` is unsaved, or None. `primary` is where mail goes then, an address of
    hers or a new one; "" leaves that as it is."""

    contact: Person
    company: Company | None = None
    deal: Deal | None = None
    primary: str = ""


@dataclass(frozen=True, slots=True)
class Converted:
    """What it became, and what `take_back` needs."""

    contact: Person
    company: Company | None
    deal: Deal | None
    payload: dict[str, Any]


@transaction.atomic
def convert(actor: User, lead: Person, wanted: Wanted) -> Converted:
    """Convert that lead, once. Raises `NotALead`, and `people.NotAnAddress` for `primary`."""
    _claim(lead)
    payload: dict[str, Any] = {"lead": lead.pk, "status": lead.status}
    company = _company(actor, wanted, payload)
    contact = _contact(actor, lead, wanted.contact, company, payload)
    payload |= _move_addresses(lead, contact)
    payload |= references.unite_parts(contact, lead)
    payload["references"] = references.move("person", lead.pk, contact.pk)
    payload["numbers"] = phones.add_missing(contact, [lead.phone, lead.mobile])
    if wanted.primary:
        payload["added"] = _write_to(contact, wanted.primary)
    deal = _deal(actor, wanted.deal, contact, company, payload)
    lead.status, lead.converted_into = Person.Status.CONVERTED, contact
    lead.save(update_fields=["status", "converted_into"])
    history.note(actor, "person", lead, "converted", name=contact.name)
    announce(people.address_ids(contact), "converted")
    return Converted(contact, contact.company, deal, payload)


@transaction.atomic
def take_back(payload: Mapping[str, Any]) -> None:
    """Make the lead what it was, as far as nobody changed it since; what was made for it goes."""
    lead = Person.objects.get(pk=payload["lead"])
    contact = Person.objects.get(pk=payload["contact"])
    affected = people.address_ids(lead, contact)
    if payload.get("deal"):
        references.take_off_deal(payload["deal"], payload["placed"])
        Deal.objects.filter(pk=payload["deal"]).update(deleted_at=clock.now())
    references.move_back("person", lead.pk, contact.pk, payload["references"])
    references.divide_parts(contact, lead, {k: payload[k] for k in ("moved", "given_up")})
    _return_addresses(lead, contact, payload)
    _empty(contact, payload)
    if payload.get("new_company"):
        _drop_unused(payload["new_company"])
    lead.converted_at = lead.converted_into = None
    lead.status = payload["status"]
    lead.save(update_fields=["converted_at", "converted_into", "status"])
    announce({*affected, *people.address_ids(lead)}, "conversion_undone")


def _claim(lead: Person) -> None:
    """One of several who convert it at once wins."""
    lead.converted_at = clock.now()
    free = Person.objects.filter(
        pk=lead.pk, kind=Person.Kind.LEAD, converted_at=None, deleted_at=None
    )
    if not free.update(converted_at=lead.converted_at):
        raise NotALead(lead.pk)


def _company(actor: User, wanted: Wanted, payload: dict[str, Any]) -> Company | None:
    company = wanted.company
    if company is not None and company._state.adding:
        companies.create_company(actor, company)
        payload["new_company"] = company.pk
    return company


def _contact(
    actor: User,
    lead: Person,
    contact: Person,
    company: Company | None,
    payload: dict[str, Any],
) -> Person:
    is_new = contact._state.adding
    before = {} if is_new else history.stored(contact)
    filled: dict[str, Any] = {}
    for name in _CARRIED:
        value = getattr(lead, name)
        if value and not getattr(contact, name):
            filled[name] = value
            setattr(contact, name, value)
    if company is not None and contact.company_id is None:
        filled["company_id"] = company.pk
        contact.company = company
    payload["filled"] = filled
    had = set(contact.custom)
    custom_fields.carry_over(lead, contact)
    payload["custom"] = sorted(set(contact.custom) - had)
    if is_new:
        contact.kind, contact.status = Person.Kind.CONTACT, ""
        contact.owner_id = contact.owner_id or lead.owner_id
        people.create_person(actor, contact)
        payload["new_contact"] = contact.pk
    else:
        contact.save()
        history.record(actor, "person", contact, before, history.of(contact))
    payload["contact"] = contact.pk
    payload["tags"] = references.unite_tags(contact, lead)
    return contact


def _move_addresses(lead: Person, contact: Person) -> dict[str, Any]:
    """Every address of the lead, and whether it was the primary one; and those both had."""
    own = dict(contact.address_links.values_list("address_id", "is_primary"))
    has_primary = any(own.values())
    moved: list[list[int | bool]] = []
    for link in lead.address_links.order_by("-is_primary", "pk"):
        moved.append([link.address_id, link.is_primary])
        if link.address_id in own:
            link.delete()
            continue
        link.person, link.is_primary = contact, link.is_primary and not has_primary
        link.save(update_fields=["person", "is_primary"])
    return {"addresses": moved, "shared": [pk for pk, _ in moved if pk in own]}


def _write_to(contact: Person, primary: str) -> list[int]:
    """Make `primary` where mail goes. Returns the addresses that are new."""
    before = set(people.address_ids(contact))
    rows = contact.address_links.select_related("address")
    people.set_addresses(contact, [link.address.address for link in rows], primary=primary)
    return sorted(set(people.address_ids(contact)) - before)


def _deal(
    actor: User,
    deal: Deal | None,
    contact: Person,
    company: Company | None,
    payload: dict[str, Any],
) -> Deal | None:
    if deal is None:
        return None
    deal.company = company or contact.company
    deals.create_deal(actor, deal, parts=[deals.Part(contact)])
    payload["deal"] = deal.pk
    payload["placed"] = references.put_on_deal(contact.pk, deal.pk)
    return deal


def _return_addresses(lead: Person, contact: Person, payload: Mapping[str, Any]) -> None:
    known = payload["addresses"]
    came = {pk for pk, _ in known} - set(payload["shared"])
    contact.address_links.filter(address__in={*came, *payload.get("added", ())}).delete()
    if not contact.address_links.filter(is_primary=True).exists():
        first = contact.address_links.values_list("pk", flat=True)[:1]
        contact.address_links.filter(pk__in=list(first)).update(is_primary=True)
    PersonAddress.objects.bulk_create(
        [PersonAddress(person=lead, address_id=pk, is_primary=primary) for pk, primary in known],
        ignore_conflicts=True,
    )


def _empty(contact: Person, payload: Mapping[str, Any]) -> None:
    """Take from the contact what it had of the lead; one made for it is deleted."""
    if payload.get("new_contact"):
        contact.deleted_at = clock.now()
        contact.save(update_fields=["deleted_at"])
        return
    contact.tags.remove(*payload["tags"])
    contact.phones.filter(pk__in=payload["numbers"]).delete()
    for name, value in payload["filled"].items():
        if getattr(contact, name) == value:
            setattr(contact, name, None if name in _BLANK else "")
    contact.custom = {k: v for k, v in contact.custom.items() if k not in payload["custom"]}
    contact.save()


def _drop_unused(company_id: int) -> None:
    """Delete the account that was made for the lead, unless others use it by now."""
    company = Company.objects.filter(pk=company_id, deleted_at=None).first()
    if company is None:
        return
    is_used = company.people.filter(deleted_at=None).exists()
    if not is_used and not company.deals.filter(deleted_at=None).exists():
        company.deleted_at = clock.now()
        company.save(update_fields=["deleted_at"])
