"""Whose a conversation is: "linked to …" in its head (D21, REC-17).

What was linked stands: by hand before by itself. Else addresses say so, each time anew, so that a
changed address or another way of counting customers needs nothing rewritten: From, then Reply-To,
then the first To; a contact before an account before a lead. Where customers are companies it is
the contact's account, where they are persons the contact herself; a lead that was converted stands
for what it became.
"""

from __future__ import annotations

from collections.abc import Iterable

from relance.crm import access
from relance.crm.models import Company, CompanyAddress, Person, PersonAddress
from relance.inbox.context import SenderContext
from relance.inbox.conversation import Conversation, MessageView
from relance.inbox.links import COMPANY, PERSON, Links, Parent
from relance.inbox.models import RecordLink
from relance.users.models import Organisation, User

_BY_ADDRESS = RecordLink.Origin.ADDRESS


def parent_of(viewer: User, found: Conversation, who: SenderContext, links: Links) -> Parent | None:
    """The account, contact or lead of that conversation, as far as the viewer may read it. No
    query where something is linked, one or two where her address is known."""
    if links.parent is not None:
        return links.parent
    if who.is_colleague and who.person is None:
        return None
    if who.person is not None:
        records: Iterable[Company | Person] = [_customer(who.person)]
    else:
        records = _by_address(viewer, found)
    for record in records:
        if (_entity(record), record.pk) not in links.refused:
            return Parent(record, _BY_ADDRESS)
    return None


def is_b2c() -> bool:
    """Are customers persons rather than companies (ADM-08)?"""
    organisation = Organisation.current()
    return organisation is not None and organisation.is_b2c


def _customer(person: Person) -> Company | Person:
    """Whom mail of that person belongs to."""
    if person.status == Person.Status.CONVERTED and person.converted_into is not None:
        person = person.converted_into
    company = None if person.kind == Person.Kind.LEAD else person.company
    return person if company is None or company.deleted_at or is_b2c() else company


def _entity(record: Company | Person) -> str:
    return COMPANY if isinstance(record, Company) else PERSON


def _by_address(viewer: User, found: Conversation) -> list[Company | Person]:
    """What the addresses of its last mail stand for, the best first. Two queries."""
    view = found.last_received
    addresses = _addresses(view, found.thread.account.address) if view else []
    if not addresses:
        return []
    known: list[tuple[int, int, Company | Person]] = []
    people = PersonAddress.objects.filter(
        address__in=addresses, person__in=access.people_for(viewer)
    ).select_related("person__company", "person__converted_into__company")
    for link in people:
        is_lead = link.person.kind == Person.Kind.LEAD
        customer = _customer(link.person)
        known.append((addresses.index(link.address_id), 2 if is_lead else 0, customer))
    companies = CompanyAddress.objects.filter(
        address__in=addresses, company__in=access.companies_for(viewer)
    ).select_related("company")
    known += [(addresses.index(link.address_id), 1, link.company) for link in companies]
    return [record for *_, record in sorted(known, key=lambda one: one[:2])]


def _addresses(view: MessageView, own_address: str) -> list[int]:
    """From, Reply-To and the first To, of what was received; of what was sent the first To."""
    to = [p.address_id for p in view.to[:1] if p.address.address != own_address.lower()]
    if view.copy.is_outgoing:
        return to
    sender = view.message.from_address_id
    by = [sender] if sender else []
    return list(dict.fromkeys([*by, *(p.address_id for p in view.reply_to), *to]))
