"""Which column an address belongs to, and by which rule (decisions D1, D2, D44).

First match wins:

    0  the mailbox owner's own decision for that address       -> Colleagues
    1  the address of a user, active or former                 -> Colleagues
    2  a contact with an open deal                             -> Potentials
    3  a contact, or a lead not converted                      -> Contacts & Leads
    4  the mailbox's own domain, or a company domain           -> Colleagues
    5  anything else                                           -> Not in CRM

With "the company domain wins" rule 4 comes before rule 2. Rules 1 and 4 rest on the From header,
so they need more than a header that failed authentication (promise X8).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from relance.addresses import domains
from relance.addresses.models import CompanyDomain, EmailAddress
from relance.crm.models import DealContact, Person, PersonAddress, Stage
from relance.inbox.models import AddressOverride, Stream
from relance.mail.models import MailAccount
from relance.users.models import Organisation, User


@dataclass(frozen=True, slots=True)
class Verdict:
    """A column, and the code of the rule that chose it."""

    stream: Stream
    code: str


UNKNOWN = Verdict(Stream.NOT_IN_CRM, "unknown_sender")
FORGED = Verdict(Stream.NOT_IN_CRM, "authentication_failed")
NO_SENDER = Verdict(Stream.NOT_IN_CRM, "no_sender")
_BY_HEADER_ALONE = {"user_colleague", "same_domain", "company_domain"}


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the rules look at, read once for a whole batch of addresses."""

    overridden: set[int]
    users: set[str]
    with_open_deal: set[int]
    kinds: Mapping[int, str]
    own_domain: str
    company_domains: tuple[CompanyDomain, ...]
    domain_first: bool


def verdicts(account: MailAccount, address_ids: Collection[int]) -> dict[int, Verdict]:
    """The verdict on each address, for the mailbox `account`. Five queries, however many."""
    addresses = list(EmailAddress.objects.filter(pk__in=address_ids).only("address", "domain"))
    facts = _gather(account, addresses)
    return {a.pk: _verdict(a, facts) for a in addresses}


def trusted(verdict: Verdict, *, authentication_failed: bool) -> Verdict:
    """`verdict`, unless it rests on a header that failed authentication."""
    return FORGED if authentication_failed and verdict.code in _BY_HEADER_ALONE else verdict


def _verdict(address: EmailAddress, facts: _Facts) -> Verdict:
    if address.pk in facts.overridden:
        return Verdict(Stream.COLLEAGUES, "override_colleague")
    if address.address in facts.users:
        return Verdict(Stream.COLLEAGUES, "user_colleague")
    by_domain, by_person = _by_domain(address, facts), _by_person(address, facts)
    first, second = (by_domain, by_person) if facts.domain_first else (by_person, by_domain)
    return first or second or UNKNOWN


def _by_person(address: EmailAddress, facts: _Facts) -> Verdict | None:
    if address.pk in facts.with_open_deal:
        return Verdict(Stream.POTENTIALS, "open_deal")
    kind = facts.kinds.get(address.pk)
    return Verdict(Stream.PEOPLE, kind) if kind else None


def _by_domain(address: EmailAddress, facts: _Facts) -> Verdict | None:
    if facts.own_domain and address.domain == facts.own_domain:
        return Verdict(Stream.COLLEAGUES, "same_domain")
    for company in facts.company_domains:
        inside = company.include_subdomains and address.domain.endswith("." + company.domain)
        if address.domain == company.domain or inside:
            return Verdict(Stream.COLLEAGUES, "company_domain")
    return None


def _gather(account: MailAccount, addresses: Collection[EmailAddress]) -> _Facts:
    ids = [a.pk for a in addresses]
    names = [a.address for a in addresses]
    with_open_deal, kinds = _people_of(ids)
    organisation = Organisation.current()
    return _Facts(
        overridden=set(
            AddressOverride.objects.filter(user_id=account.owner_id, address__in=ids).values_list(
                "address_id", flat=True
            )
        ),
        users=_user_addresses(names),
        with_open_deal=with_open_deal,
        kinds=kinds,
        own_domain="" if domains.is_public(account.domain) else account.domain,
        company_domains=tuple(CompanyDomain.objects.all()),
        domain_first=bool(organisation and organisation.domain_first),
    )


def _user_addresses(names: Collection[str]) -> set[str]:
    """Those of `names` that belong to users: what they log in with, and their mailboxes."""
    logins = User.objects.filter(email__in=names).values_list("email")
    boxes = MailAccount.objects.filter(address__in=names).values_list("address")
    return {address for (address,) in logins.union(boxes)}


def _people_of(address_ids: Collection[int]) -> tuple[set[int], dict[int, str]]:
    """(addresses of somebody with an open deal, kind of person by address: contact first)."""
    open_deals = DealContact.objects.filter(
        person=OuterRef("person"), deal__deleted_at=None, deal__stage__kind=Stage.Kind.OPEN
    )
    rows = (
        PersonAddress.objects.filter(address__in=address_ids, person__deleted_at=None)
        .exclude(person__kind=Person.Kind.LEAD, person__status=Person.Status.CONVERTED)
        .annotate(has_open_deal=Exists(open_deals))
        .values_list("address_id", "person__kind", "has_open_deal")
    )
    with_open_deal: set[int] = set()
    kinds: dict[int, str] = {}
    for address_id, kind, has_open_deal in rows:
        if kind == Person.Kind.CONTACT or address_id not in kinds:
            kinds[address_id] = kind
        if has_open_deal and kind == Person.Kind.CONTACT:
            with_open_deal.add(address_id)
    return with_open_deal, kinds
