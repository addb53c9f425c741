"""Cards: what one row of the inbox shows, made for a whole page in a handful of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from relance.crm.models import Company, DealContact, Person, PersonAddress, Stage
from relance.lib import keys
from relance.lib.money import Money

AMOUNTS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class DealLine:
    """An open deal, as the ribbon and the panel show it."""

    id: int
    name: str
    amount: Decimal | None
    currency: str
    stage: Stage
    closes_on: date

    @property
    def money(self) -> Money | None:
        return None if self.amount is None else Money(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Ribbon:
    """The green strip: at most two amounts, then how many more, never a sum (D5)."""

    amounts: list[Money | None]
    more: int
    count: int
    stage: Stage
    closes_on: date


@dataclass(slots=True)
class Card:
    """One conversation (or, in a folder, one copy) in a list. `key` is the cursor for more."""

    thread_id: int
    account_id: int
    key: int
    stream: int
    unread: bool
    sender_name: str
    sender_address: str
    subject: str
    snippet: str
    message_count: int
    has_attachment: bool
    is_automatic: bool = False
    domain: str = ""
    decided_by: int | None = None
    from_id: int | None = None
    copy_id: int | None = None
    organisation: str = ""
    known_company: str = ""
    person_id: int | None = None
    person_kind: str = ""
    deals: Sequence[DealLine] = field(default_factory=tuple)

    @property
    def received_at(self) -> datetime:
        return keys.instant_of(self.key)

    @property
    def ribbon(self) -> Ribbon | None:
        if not self.deals:
            return None
        first = self.deals[0]
        shown = [d.money for d in self.deals[:AMOUNTS_SHOWN]]
        return Ribbon(
            amounts=shown,
            more=len(self.deals) - len(shown),
            count=len(self.deals),
            stage=first.stage,
            closes_on=first.closes_on,
        )


@dataclass(frozen=True, slots=True)
class Match:
    """The person an address stands for, and her company's name."""

    person_id: int
    kind: str
    organisation: str


def dress(cards: Sequence[Card]) -> None:
    """Add to the cards what the CRM knows: person, company, open deals. Three queries."""
    ids = {i for c in cards for i in (c.from_id, c.decided_by) if i is not None}
    people = people_of(ids)
    deals = open_deals({m.person_id for matches in people.values() for m in matches})
    companies = _companies_by_domain({c.domain for c in cards if c.from_id not in people})
    for card in cards:
        _dress_one(card, people, deals, companies)


def _dress_one(
    card: Card,
    people: dict[int, list[Match]],
    deals: dict[int, list[DealLine]],
    companies: dict[str, str],
) -> None:
    sender = people.get(card.from_id or 0, [])
    if sender:
        card.person_id, card.person_kind = sender[0].person_id, sender[0].kind
        card.organisation = sender[0].organisation
    else:
        card.known_company = companies.get(card.domain, "")
        card.organisation = card.domain
    if decider := people.get(card.decided_by or card.from_id or 0, []):
        unique = {d.id: d for m in decider for d in deals.get(m.person_id, [])}
        card.deals = sorted(unique.values(), key=lambda d: (d.closes_on, d.id))


def people_of(address_ids: Collection[int]) -> dict[int, list[Match]]:
    """Everybody behind these addresses: contacts before leads, deleted and converted apart."""
    if not address_ids:
        return {}
    rows = (
        PersonAddress.objects.filter(address__in=address_ids, person__deleted_at=None)
        .exclude(person__kind=Person.Kind.LEAD, person__status=Person.Status.CONVERTED)
        .order_by("person__kind", "-person__updated_at")
        .values_list(
            "address_id",
            "person_id",
            "person__kind",
            "person__company__name",
            "person__company_name",
        )
    )
    found: dict[int, list[Match]] = defaultdict(list)
    for address_id, person_id, kind, company, written in rows:
        found[address_id].append(Match(person_id, kind, company or written))
    return found


def open_deals(person_ids: Collection[int]) -> dict[int, list[DealLine]]:
    """The open deals of these people (primary contact or in a role), by closing date."""
    if not person_ids:
        return {}
    contacts = (
        DealContact.objects.filter(
            person__in=person_ids, deal__deleted_at=None, deal__stage__kind=Stage.Kind.OPEN
        )
        .select_related("deal__stage")
        .order_by("deal__closes_on", "deal_id")
    )
    found: dict[int, list[DealLine]] = defaultdict(list)
    for contact in contacts:
        deal = contact.deal
        line = DealLine(deal.pk, deal.name, deal.amount, deal.currency, deal.stage, deal.closes_on)
        found[contact.person_id].append(line)
    return found


def _companies_by_domain(domains: Iterable[str]) -> dict[str, str]:
    wanted = {d for d in domains if d}
    if not wanted:
        return {}
    companies = Company.objects.filter(domain__in=wanted, deleted_at=None)
    return dict(companies.values_list("domain", "name"))
