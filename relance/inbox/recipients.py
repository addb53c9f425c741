"""Whom one writes to from a record, and with which of her addresses (REC-27, CMP-01, CMP-03).

The primary address is the one to write to. Where it cannot be written to any more, nothing takes
its place by itself: the others are proposed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from relance.addresses import suppression
from relance.addresses.models import EmailAddress
from relance.crm import access
from relance.crm.models import Case, Company, Deal, DealContact, Person
from relance.crm.models.records import Record
from relance.users.models import User

#: What makes an address one that mail must not go to.
DEAD = ("invalid", "blocked")
_MOST_PEOPLE = 12


@dataclass(frozen=True, slots=True)
class Recipient:
    """One address; `name` is "" for one of an account. `verdict` is "", "invalid", "blocked" or
    "opted_out"; `role` what the person does on a deal."""

    address: str
    name: str = ""
    is_primary: bool = True
    verdict: str = ""
    role: str = ""

    @property
    def is_dead(self) -> bool:
        return self.verdict in DEAD


@dataclass(frozen=True, slots=True)
class Writing:
    """`first` is written to at once, when there is one; `others` may be chosen instead. `dead` is
    the address that would have been first and cannot be written to. `record` ("deal:3") goes with
    the mail, and `subject` begins it."""

    record: str
    first: Recipient | None = None
    others: Sequence[Recipient] = field(default_factory=tuple)
    dead: Recipient | None = None
    subject: str = ""

    @property
    def is_possible(self) -> bool:
        return self.first is not None or bool(self.others)


def of_record(viewer: User, record: Record) -> Writing:
    """The addresses of a person; those of a deal's contacts, of an account and its people, of a
    case's contact. Two queries, or three."""
    entity, subject = str(record._meta.model_name), ""
    if isinstance(record, Person):
        found = _of_people(viewer, [(record, "")])
    elif isinstance(record, Deal):
        found = _of_deal(viewer, record)
    elif isinstance(record, Company):
        found = _of_company(viewer, record)
    elif isinstance(record, Case):
        found = _of_case(viewer, record)
        subject = f"[#{record.number}] {record.name}"
    else:
        found = []
    return _chosen(f"{entity}:{record.pk}", found, subject)


def _chosen(record: str, found: Sequence[Recipient], subject: str) -> Writing:
    once = list({r.address: r for r in reversed(found)}.values())[::-1]
    living = [r for r in once if not r.is_dead]
    if once and once[0].is_dead:
        return Writing(record, None, living, once[0], subject)
    first = once[0] if once and once[0].is_primary else None
    return Writing(record, first, [r for r in living if r is not first], None, subject)


def _of_people(viewer: User, people: Iterable[tuple[Person, str]]) -> list[Recipient]:
    """Each one's addresses, the primary one first, as far as the viewer may read her."""
    asked = {person.pk: role for person, role in people}
    rows = access.people_for(viewer).filter(pk__in=asked, erased_at=None)
    by_key = {p.pk: p for p in rows.prefetch_related("address_links__address")}
    return [
        _recipient(link.address, by_key[key].name, is_primary=link.is_primary, role=role)
        for key, role in asked.items()
        if key in by_key
        for link in by_key[key].address_links.all()
    ]


def _of_deal(viewer: User, deal: Deal) -> list[Recipient]:
    parts: list[DealContact] = list(deal.contacts.select_related("person")[:_MOST_PEOPLE])
    return _of_people(viewer, [(part.person, part.role) for part in parts])


def _of_company(viewer: User, company: Company) -> list[Recipient]:
    """Its own addresses, then the primary one of each of its people."""
    own = [
        _recipient(link.address, "", is_primary=link.is_primary)
        for link in company.address_links.select_related("address")
    ]
    people = access.people_for(viewer).filter(company=company, kind=Person.Kind.CONTACT)
    newest = people.order_by("-updated_at", "-pk")[:_MOST_PEOPLE]
    theirs = [r for r in _of_people(viewer, [(p, p.title) for p in newest]) if r.is_primary]
    if not own and len(theirs) > 1:  # nobody stands for the account: one chooses
        theirs = [_chooseable(r) for r in theirs]
    return [*own, *theirs]


def _chooseable(one: Recipient) -> Recipient:
    return Recipient(one.address, one.name, False, one.verdict, one.role)


def _of_case(viewer: User, case: Case) -> list[Recipient]:
    if case.person is not None:
        return _of_people(viewer, [(case.person, "")])
    return _of_company(viewer, case.company) if case.company is not None else []


def _recipient(address: EmailAddress, name: str, *, is_primary: bool, role: str = "") -> Recipient:
    found = suppression.verdict_of(address)
    return Recipient(address.address, name, is_primary, found.code if found else "", role)
