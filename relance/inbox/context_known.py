"""Whom the CRM knows among the addresses of a mail (REC-21)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import F

from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.crm.models import Company, Person, PersonAddress
from relance.mail.models import MailAccount
from relance.users.models import User

USER, CONTACT, LEAD, ACCOUNT, LOCKED = "user", "contact", "lead", "account", "locked"


@dataclass(frozen=True, slots=True)
class Known:
    """Whose an address is: `kind` is "user", "contact", "lead", "account", or "locked" for a record
    the viewer may not read, of which nothing else is told."""

    kind: str
    name: str = ""
    record: User | Person | Company | None = None


def known(viewer: User, addresses: Collection[EmailAddress]) -> dict[int, Known]:
    """Who is known, by the key of the address: a user first, then a contact, a lead, an account.
    At most five queries, however many there are."""
    found = _users(addresses)
    for one in (_people, _accounts):
        if left := [a for a in addresses if a.pk not in found]:
            found |= one(viewer, left)
    if left := [a for a in addresses if a.pk not in found]:
        found |= _locked(left)
    return found


def _users(addresses: Collection[EmailAddress]) -> dict[int, Known]:
    """Users by what they log in with or by a mailbox; those who left are skipped."""
    keys = {a.address: a.pk for a in addresses}
    boxes = MailAccount.objects.filter(address__in=keys, owner__is_active=True)
    users = [(box.address, box.owner) for box in boxes.select_related("owner")]
    users += [(u.email, u) for u in User.objects.filter(email__in=keys, is_active=True)]
    return {keys[address]: Known(USER, user.name, user) for address, user in users}


def _people(viewer: User, addresses: Collection[EmailAddress]) -> dict[int, Known]:
    rows = (
        access.people_for(viewer)
        .filter(address_links__address__in=addresses)
        .exclude(kind=Person.Kind.LEAD, status=Person.Status.CONVERTED)
        .annotate(of_address=F("address_links__address_id"))
        .order_by("kind", "pk")  # a contact comes before a lead
    )
    found: dict[int, Known] = {}
    for person in rows:
        found.setdefault(person.of_address, Known(person.kind, person.name, person))
    return found


def _accounts(viewer: User, addresses: Collection[EmailAddress]) -> dict[int, Known]:
    rows = (
        access.companies_for(viewer)
        .filter(address_links__address__in=addresses)
        .annotate(of_address=F("address_links__address_id"))
        .order_by("pk")
    )
    return {company.of_address: Known(ACCOUNT, company.name, company) for company in rows}


def _locked(addresses: Collection[EmailAddress]) -> dict[int, Known]:
    rows = PersonAddress.objects.filter(address__in=addresses, person__deleted_at=None).exclude(
        person__kind=Person.Kind.LEAD, person__status=Person.Status.CONVERTED
    )
    return {pk: Known(LOCKED) for pk in rows.values_list("address_id", flat=True)}
