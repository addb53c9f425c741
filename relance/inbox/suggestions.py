"""Whom one may mean while typing in To, Cc or Bcc: records first (D47), then people known.

Only what the user may read, and only what has an address. Words are compared folded, at the
beginning of words; of the records found, those with open deals come first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.db.models import Q, QuerySet

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.crm.models import Company, Deal, DealContact, Person, PersonAddress, Stage
from relance.crm.models.records import Record
from relance.inbox.correspondents import correspondents
from relance.lib.money import Money, totals
from relance.lib.reason import Reason
from relance.lib.text import fold
from relance.users.models import User

R = TypeVar("R", bound=Record)
LIMIT = 8
_CANDIDATES = 100  # records looked at closely
_FEW = 3  # accounts and deals beside the people
_LONGEST_QUERY = 80
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")  # NUL ends a pattern on SQLite, an error elsewhere
_WORD = re.compile(r"[^\s,;<>\"()]+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line of the menu. `kind` is "lead", "contact", "company", "deal", "colleague" or
    "known" (written to before); `record` is "person:12" or "". `verdict` tells why one may not,
    or should not, write to that address."""

    kind: str
    name: str
    address: str
    record: str = ""
    organisation: str = ""
    via: str = ""  # whose address it is, when that is not the record's own
    amounts: tuple[Money, ...] = ()
    is_secondary: bool = False
    verdict: Reason | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.address, self.record if self.kind in ("company", "deal") else ""


def suggest(
    viewer: User, query: str, *, limit: int = LIMIT, records_only: bool = False
) -> list[Suggestion]:
    """At most `limit` suggestions for what was typed, without a leading "@".

    `records_only` (typed with "@") leaves out addresses that belong to no record.
    """
    query = _CONTROLS.sub(" ", query[:_LONGEST_QUERY])
    words = _WORD.findall(fold(query))
    if not words:
        return [] if records_only or query.strip() else _judged(_known(viewer, [], limit))
    found = [*_people(viewer, words), *_by_address(viewer, query)]
    found += [*_companies(viewer, words), *_deals(viewer, words)]
    if not records_only:
        found += [*_colleagues(viewer, words), *_known(viewer, words, limit)]
    once: dict[tuple[str, str], Suggestion] = {}
    taken: set[str] = set()
    for one in found:
        if one.kind in ("known", "colleague") and one.address in taken:
            continue
        once.setdefault(one.key, one)
        taken.add(one.address)
    return _judged(list(once.values())[:limit])


def _judged(found: Sequence[Suggestion]) -> list[Suggestion]:
    verdicts = suppression.verdicts([one.address for one in found])
    return [replace(one, verdict=verdicts.get(one.address)) for one in found]


def _found(records: QuerySet[R], words: Sequence[str], limit: int = _CANDIDATES) -> list[int]:
    """Keys of records of which every word begins a word; those that begin with the first one
    first. Both queries read the index of `search_text` alone, whatever the table's width."""
    within = Q()
    for word in words[1:]:
        within &= Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
    first = words[0]
    beginning = Q(search_text__gte=first, search_text__lt=_after(first))
    ids: dict[int, str] = {}
    for query in (beginning, Q(search_text__contains=f" {first}")):
        rows = records.filter(query & within).order_by().values_list("pk", "search_text")
        ids |= dict(rows[:limit])
    return list(ids)


def _people(viewer: User, words: Sequence[str]) -> list[Suggestion]:
    """The best of those found: whose name begins so, with an open deal, one's own."""
    ids = _found(Person.objects.all(), words)
    readable = (
        access.people_for(viewer)
        .filter(pk__in=ids)
        .exclude(kind=Person.Kind.LEAD, status=Person.Status.CONVERTED)
    )
    people = list(readable.select_related("company"))
    amounts, links = _amounts(viewer, ids), _links(ids)
    people.sort(
        key=lambda p: (
            not any(fold(n).startswith(words[0]) for n in (p.name, p.last_name)),
            p.pk not in amounts,
            p.owner_id != viewer.pk,
            p.name,
        )
    )
    return [
        _person(p, link, amounts.get(p.pk, ()))
        for p in people
        for link in _offered(links.get(p.pk, []))
    ][:LIMIT]


def _by_address(viewer: User, query: str) -> list[Suggestion]:
    """People by the beginning of one of their addresses, or of its domain; the address that was
    typed is the one offered, also when it is not her first."""
    typed = query.strip().lower().lstrip("@")
    if len(typed) < 2 or " " in typed:
        return []
    rows = EmailAddress.objects.filter(
        Q(address__gte=typed, address__lt=_after(typed))
        | Q(domain__gte=typed, domain__lt=_after(typed))
    )
    ids = list(rows.values_list("pk", flat=True)[:_CANDIDATES])
    links = PersonAddress.objects.filter(address__in=ids).select_related("address")
    by_person = {link.person_id: link for link in reversed(links)}
    people = access.people_for(viewer).filter(pk__in=by_person).select_related("company")
    return [_person(person, by_person[person.pk]) for person in people.order_by("pk")[:LIMIT]]


def _after(prefix: str) -> str:
    """The least text beyond all that begin with `prefix`: an index is walked between the two."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _offered(links: Sequence[PersonAddress]) -> Sequence[PersonAddress]:
    """Her first address; when that one is dead her others too, to be chosen by hand (CMP-03)."""
    if links and links[0].address.invalid_at is None and links[0].address.blocked_at is None:
        return links[:1]
    return links


def _person(person: Person, link: PersonAddress, amounts: Iterable[Money] = ()) -> Suggestion:
    return Suggestion(
        kind=person.kind,
        name=person.name,
        address=link.address.address,
        record=f"person:{person.pk}",
        organisation=person.organisation_name,
        amounts=tuple(amounts),
        is_secondary=not link.is_primary,
    )


def _links(person_ids: Collection[int]) -> dict[int, list[PersonAddress]]:
    rows = PersonAddress.objects.filter(person__in=person_ids).select_related("address")
    found: dict[int, list[PersonAddress]] = {}
    for link in rows:
        found.setdefault(link.person_id, []).append(link)
    return found


def _amounts(viewer: User, person_ids: Collection[int]) -> dict[int, tuple[Money, ...]]:
    """What is open with each person, by currency."""
    parts = DealContact.objects.filter(person__in=person_ids).order_by()
    pairs = list(parts.values_list("person_id", "deal_id"))
    deals = access.deals_for(viewer).filter(
        pk__in={deal_id for _, deal_id in pairs}, stage__kind=Stage.Kind.OPEN
    )
    moneys = {d: (a, c) for d, a, c in deals.values_list("pk", "amount", "currency")}
    found: dict[int, list[Money]] = {}
    for person_id, deal_id in pairs:
        if deal_id in moneys:
            amount, currency = moneys[deal_id]
            found.setdefault(person_id, [])
            found[person_id] += [Money(amount, currency)] if amount is not None else []
    return {person_id: tuple(totals(amounts)) for person_id, amounts in found.items()}


def _companies(viewer: User, words: Sequence[str]) -> list[Suggestion]:
    """Accounts, through the contact one deals with: an account has no address of its own."""
    ids = _found(Company.objects.all(), words)
    companies = access.companies_for(viewer).filter(pk__in=ids).order_by("name")[:_FEW]
    found = [(company, _contact_of(viewer, company)) for company in companies]
    return [
        Suggestion(
            kind="company",
            name=company.name,
            address=link.address.address,
            record=f"company:{company.pk}",
            organisation=company.city,
            via=link.person.name,
        )
        for company, link in found
        if link is not None
    ]


def _contact_of(viewer: User, company: Company) -> PersonAddress | None:
    """The primary contact of the account's newest open deal, else its latest contact."""
    links = PersonAddress.objects.filter(
        is_primary=True, person__in=access.people_for(viewer).filter(company=company)
    ).select_related("person", "address")
    deals = access.deals_for(viewer).filter(company=company, stage__kind=Stage.Kind.OPEN)
    parts = DealContact.objects.filter(deal__in=deals, is_primary=True).order_by("-deal")
    of_deal = links.filter(person__in=parts.values("person")).first()
    return of_deal or links.order_by("-person__updated_at").first()


def _deals(viewer: User, words: Sequence[str]) -> list[Suggestion]:
    """Open deals, through their primary contact."""
    deals = (
        access.deals_for(viewer)
        .filter(pk__in=_found(Deal.objects.all(), words), stage__kind=Stage.Kind.OPEN)
        .select_related("company")
        .order_by("name")[:_FEW]
    )
    contacts = _primary_contacts(viewer, deals)
    return [
        Suggestion(
            kind="deal",
            name=deal.name,
            address=contacts[deal.pk].address.address,
            record=f"deal:{deal.pk}",
            organisation=deal.company.name if deal.company else "",
            via=contacts[deal.pk].person.name,
            amounts=(Money(deal.amount, deal.currency),) if deal.amount is not None else (),
        )
        for deal in deals
        if deal.pk in contacts
    ]


def _primary_contacts(viewer: User, deals: Iterable[Deal]) -> dict[int, PersonAddress]:
    parts = DealContact.objects.filter(deal__in=[d.pk for d in deals], is_primary=True)
    by_person: dict[int, list[int]] = {}
    for deal_id, person_id in parts.values_list("deal_id", "person_id"):
        by_person.setdefault(person_id, []).append(deal_id)
    links = PersonAddress.objects.filter(
        is_primary=True, person__in=access.people_for(viewer).filter(pk__in=by_person)
    ).select_related("person", "address")
    return {deal_id: link for link in links for deal_id in by_person[link.person_id]}


def _colleagues(viewer: User, words: Sequence[str]) -> list[Suggestion]:
    users = User.objects.filter(is_active=True).exclude(pk=viewer.pk)
    return [
        Suggestion("colleague", user.name, user.email, organisation=user.title)
        for user in users.order_by("first_name", "last_name")
        if _begins(f" {fold(f'{user.name} {user.email}')}", words)
    ][:LIMIT]


def _known(viewer: User, words: Sequence[str], limit: int) -> list[Suggestion]:
    found: list[Suggestion] = []
    for one in correspondents(viewer):
        if _begins(one.words, words):
            found.append(Suggestion("known", one.name or one.address, one.address))
        if len(found) == limit:
            break
    return found


def _begins(text: str, words: Sequence[str]) -> bool:
    return all(f" {word}" in text for word in words)
