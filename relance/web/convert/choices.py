"""Which contacts and accounts a lead may be, or belong to, already."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from relance.addresses import domains
from relance.crm import access, companies
from relance.crm.duplicates import find_duplicates
from relance.crm.models import Company, Person
from relance.users.models import User
from relance.web.convert.wording import account_facts
from relance.web.people.wording import duplicate_reason

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A contact or an account there is already; `why` says what makes one think of it."""

    record: Person | Company
    why: str


@dataclass(frozen=True, slots=True)
class Choices:
    """`contacts` and `accounts` as they are offered, the likeliest first; `is_known` when the
    first contact has an address of the lead's. `primary` is the lead's own address."""

    contacts: list[Known]
    accounts: list[Known]
    is_known: bool
    primary: str

    @property
    def people(self) -> list[Person]:
        return [one.record for one in self.contacts if isinstance(one.record, Person)]

    @property
    def companies(self) -> list[Company]:
        return [one.record for one in self.accounts if isinstance(one.record, Company)]


def choices_for(viewer: User, lead: Person) -> Choices:
    """What the form offers for that lead, of what the viewer may read."""
    links = list(lead.address_links.select_related("address"))
    addresses = [link.address.address for link in links]
    found = [
        one
        for one in find_duplicates(
            viewer,
            addresses=addresses,
            phone=lead.phone or lead.mobile,
            name=lead.name,
            company=lead.organisation_name,
        )
        if one.person.kind == Person.Kind.CONTACT and one.person.pk != lead.pk
    ][:_SHOWN]
    return Choices(
        contacts=[Known(one.person, duplicate_reason(one.reason)) for one in found],
        accounts=_accounts(viewer, lead, {link.address.domain for link in links}),
        is_known=bool(found) and found[0].reason == "same_address",
        primary=addresses[0] if addresses else "",
    )


def _accounts(viewer: User, lead: Person, its_domains: set[str]) -> list[Known]:
    own = {d for d in its_domains if not domains.is_public(d)}
    named = companies.find_named(viewer, lead.organisation_name)
    query = Q(domain__in=own) & ~Q(domain="") if own else Q(pk=None)
    for company in (lead.company_id, named.pk if named else None):
        query |= Q(pk=company) if company else Q(pk=None)
    count = Count("people", filter=Q(people__deleted_at=None))
    rows = access.companies_for(viewer).filter(query).select_related("owner").annotate(n=count)
    ordered = sorted(rows, key=lambda c: (c.pk != lead.company_id, c.domain not in own, c.pk))
    return [
        Known(one, account_facts(one, one.n, same_domain=one.domain in own))
        for one in ordered[:_SHOWN]
    ]
